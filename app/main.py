"""The WSGI entry point, `app.main:app`; and, run as a program, a small demonstration."""

from __future__ import annotations

import sys
import threading

from app import create_app, logs
from app.errors import ProofsheetError
from app.supervisor import exit_when_parent_dies

# Threads that compute let the others on this often. By default it is 5 ms, as long as a call that is
# passed on may take in all, and one that computes nothing waits so long dozens of times.
sys.setswitchinterval(0.0005)
app = create_app()
logs.set_up(app.config["SETTINGS"])
exit_when_parent_dies()


def load() -> None:
    """Load what takes time and most requests do without."""
    app.extensions["jobs"].load()
    app.extensions["providers"].load_upstream()


# Meanwhile the first requests are answered.
threading.Thread(target=load, name="load", daemon=True).start()


def main() -> None:
    """Add a picture with its prompt to the history and show what is kept."""
    from app.extensions import current_settings
    from app.models.image_manager import ImageManager
    from app.providers.base import ImageRequest
    from app.providers.catalog import load_catalog
    from app.providers.sketch import SketchProvider
    from app.services.bring_up import prepare_instance

    prompt = "A futuristic cityscape"
    model = load_catalog().default("sketch")
    request = ImageRequest(prompt, model.name, model.default_aspect_ratio, model.default_size)
    with app.app_context():
        prepare_instance(current_settings())
        manager = ImageManager()
        shown = manager.add_image(prompt, SketchProvider().generate(request))
        print(f"Added: {shown[:60]}… ({len(shown):,} characters of base64)")  # noqa: T201
        entries = manager.get_images()
        print(f"Stored: {entries.total}")  # noqa: T201
        for entry in entries:
            made = f"{entry['created_at']:%Y-%m-%d %H:%M:%S} UTC"
            print(f"{entry['id']}  {made}  {' '.join(entry['prompt'].split())}")  # noqa: T201


if __name__ == "__main__":
    try:
        main()
    except ProofsheetError as error:
        sys.exit(f"Error: {error}")
