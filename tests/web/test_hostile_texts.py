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
from app.services.proof_sheets import Mark, NewSheet, make_sheet, save_marks
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
REPORTS = ("models", "cost", "failures", "latency", "prompts", "storage", "compare")
# What is shown somewhere, as `bring` begins it.
KINDS = ("prompt", "deleted", "template", "greeting", "word", "failed")


@pytest.fixture
def bound(app: Flask) -> list[dict[str, object]]:
    """Bring each text wherever texts are taken; return what stands in the addresses of pages on it."""
    with app.app_context():
        return [bring(app, number, text) for number, text in enumerate(TEXTS.values())]


def bring(app: Flask, number: int, text: str) -> dict[str, object]:
    label = text if is_label(text) else f"plain {number}"
    name = f"poster-{number}"
    create_key(label, Role.VIEWER)
    words = text[:5000].replace("{", "{{").replace("}", "}}")
    create_template(name, f"template {words} {{user_input}}")
    details = ImageDetails(tags=(label,), note=f"note {text}", project=label, model="sketch-1")
    kept = ImageManager().store(f"prompt {text}", imaging.prepare(picture()), details)
    gone = ImageDetails(deleted_at=utc_now(), tags=(label,))
    ImageManager().store(f"deleted {text}", imaging.prepare(picture()), gone)
    db.session.commit()
    save_search(label, {"q": [text[:1000]], "tag": [label]})
    install(app, picture())
    service = ImageGeneratorService()
    asked = GenerationRequest(
        f"asked {text}", template=name, project=label, input_images=(kept.id,)
    )
    made = service.generate(asked)
    install(app, ContentBlocked(f"refused {text}", reason="SAFETY"))
    service.generate(GenerationRequest(f"failed {text}"))
    sheet = NewSheet(label, [kept.id], greeting=f"greeting {text[:1000]}", prompts=True)
    sheet_id, token = make_sheet(sheet)
    save_marks(token, {1: Mark(True, f"word {text[:400]}")}, guest=label)
    ids = {"image_id": kept.id, "generation_id": made.id, "sheet_id": sheet_id}
    return {**ids, "name": name, "token": token}


def addresses(app: Flask, bound: list[dict[str, object]]) -> dict[str, None]:
    """Return the address of each page once, and those that hold a text themselves."""
    found = [
        path
        for values in bound
        for method, path in routes(app, "web.", values=values)
        if method == "GET" and not path.startswith("/static/")
    ]
    found += ["/?deleted=only", *(f"/reports/{name}" for name in REPORTS)]
    for text in TEXTS.values():
        given = quote(text[:1000])
        found += [f"/?{name}={given}" for name in ("q", "tag", "prompt", "told")]
        found += [f"/login?next={given}", f"/reports?model={given}&project={given}"]
    return dict.fromkeys(found)


def test_words_are_shown_as_words_on_every_page(
    app: Flask, browse: Browse, bound: list[dict[str, object]]
) -> None:
    faults, said = {}, ""
    for path in addresses(app, bound):
        for is_fragment in ("0", "1"):
            answer = browse("GET", path, role="admin", headers={"X-Fragment": is_fragment})
            assert answer.status_code < 500, path
            if answer.mimetype == "text/html":
                page = Reading(answer.text)
                said += page.words
                if page.faults:
                    faults[path] = page.faults
    assert not faults
    for text in TEXTS.values():
        for kind in KINDS:
            assert f"{kind} {text}"[:100] in said, kind
        if is_label(text):
            assert f"\n{text}\n" in said
