"""`python -m benchmarks NAME`: run one benchmark and print what it found."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = {
    "clients": "the own tests of OpenAI's and Google's clients, against us; --folder DIR",
    "gallery": "the pages of a million images in a Chromium; --images N, --tiles N, --database FILE",
    "history": "pages and searches of a million images, and peers; --images N, --postgres",
    "jobs": "enqueue, pick-up, a thousand jobs on 8 slots, an idle worker; --jobs N, --postgres",
    "prompts": "suggestions and past prompts among a million; --prompts N, --postgres",
    "proxy": "32 clients at once through the Gemini proxy; --seconds N, --pace N, --postgres",
    "reports": "every report on a million images, against plain SQL; --images N, --postgres",
    "reports_prompts": "the report on prompts at a million uses; --uses N, --postgres",
    "screenshots": "nothing: it makes the README's pictures of the gallery; --folder docs",
    "start": "how quickly --help and `images list` answer, against importing the libraries",
    "soak": "readers beside writers, killed workers, a busy provider; --seconds N, --jobs N, --postgres",
    "sketch": "how quickly a sketch is painted, against encoding one JPEG",
}


def main() -> int:
    """Run the benchmark that is named."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:  # noqa: PLR2004 - program and name
        print("usage: python -m benchmarks NAME")
        for name, text in NAMES.items():
            print(f"  {name:8} {text}")
        return 2
    import_module(f"benchmarks.{sys.argv[1]}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
