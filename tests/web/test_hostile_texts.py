"""Whatever words people and programs bring, each page shows them as words."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from app import imaging
from app.extensions import db
from app.models import Role
from app.models.image_manager import ImageDetails, ImageManager
from app.models.types import is_label, utc_now
from app.providers.base import ContentBlocked
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.searches import save_search
from app.services.templates import create_template
from tests.fakes.providers import install
from tests.models.samples import ON_SQLITE
from tests.pictures import picture
from tests.web.conftest import Browse
from tests.web.reading import OVERRIDE, Reading
from tests.web.walk import routes

pytestmark = ON_SQLITE
TEXTS = {
    "a script": "<script>alert(1)</script>",
    "an address": "javascript:alert(1)",
    "the end of an attribute": '"><img src=x onerror=alert(1)>',
    "the end of another": "' onmouseover='alert(1)' x='",
    "the end of a field": "</textarea></title></option><svg onload=alert(1)>",
    "a template": "{{7*7}}{% raw %}${7*7}<%= 7*7 %>",
    "the end of a section": "]]>--><b>bold</b>&lt;i&gt;&#60;",
    "words that turn round": f"{OVERRIDE}gnp.exe",
    "people and flags": "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301",
    "many": "W" * 10_000,
}
LABELS = {name: text for name, text in TEXTS.items() if is_label(text)}


def fill(app: Flask, text: str) -> dict[str, object]:
    """Bring a text wherever it is taken; return what stands in the addresses of pages on it."""
    install(app, picture())
    label = text if is_label(text) else "plain"
    with app.app_context():
        create_key(f"key {label}"[:100], Role.VIEWER)
        words = text[:5000].replace("{", "{{").replace("}", "}}")
        create_template("poster", f"template {words} {{user_input}}")
        details = ImageDetails(tags=(label,), note=f"note {text}", project=label, model="sketch-1")
        kept = ImageManager().store(f"prompt {text}", imaging.prepare(picture()), details)
        gone = ImageDetails(deleted_at=utc_now(), tags=(label,))
        ImageManager().store(f"deleted {text}", imaging.prepare(picture()), gone)
        db.session.commit()
        save_search(label, {"q": [text[:1000]], "tag": [label]})
        service = ImageGeneratorService()
        asked = GenerationRequest(
            f"asked {text}", template="poster", project=label, input_images=(kept.id,)
        )
        made = service.generate(asked)
        install(app, ContentBlocked(f"refused {text}", reason="SAFETY"))
        service.generate(GenerationRequest(f"failed {text}"))
        return {"image_id": made.images[0].id, "generation_id": made.id, "name": "poster"}


def shown(app: Flask, browse: Browse, values: dict[str, object], text: str) -> dict[str, Reading]:
    """Return each page, and what scripts get of it, by its address."""
    addresses = [path for method, path in routes(app, "web.", values=values) if method == "GET"]
    pages = {}
    for path in [*addresses, *asked(text)]:
        for kind in ("0", "1"):
            answer = browse("GET", path, role="admin", headers={"X-Fragment": kind})
            assert answer.status_code < 500, path
            if answer.mimetype == "text/html":
                pages[f"{path} {kind}"] = Reading(answer.text)
    return pages


def asked(text: str) -> list[str]:
    """Return addresses that hold a text themselves."""
    names = ("q", "tag", "project", "model", "prompt", "by", "template", "told", "next")
    return [
        "/?deleted=only",
        *(f"/?{name}={quote(text[:2000])}" for name in names),
        f"/login?next={quote(text[:2000])}",
    ]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_words_are_shown_as_words_on_every_page(app: Flask, browse: Browse, text: str) -> None:
    pages = shown(app, browse, fill(app, text), text)
    assert {path: page.faults for path, page in pages.items() if page.faults} == {}
    said = "\n".join(page.words for page in pages.values())
    for kind in ("prompt", "deleted"):
        assert f"{kind} {text}"[:100] in said, kind
    if is_label(text):
        assert f"\n{text}\n" in said
