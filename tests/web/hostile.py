"""Words that mean more to a machine than to people, brought wherever words are taken."""

from __future__ import annotations

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
from tests.pictures import picture
from tests.web.reading import OVERRIDE

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
# What is shown somewhere, as `bring_all` begins it.
KINDS = ("prompt", "deleted", "template", "greeting", "word", "failed")


def bring_all(app: Flask) -> list[dict[str, object]]:
    """Bring each text wherever texts are taken; return what stands in the addresses of pages on it."""
    with app.app_context():
        return [_bring(app, number, text) for number, text in enumerate(TEXTS.values())]


def _bring(app: Flask, number: int, text: str) -> dict[str, object]:
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
    asked = GenerationRequest(
        f"asked {text}", template=name, project=label, input_images=(kept.id,)
    )
    made = ImageGeneratorService().generate(asked)
    install(app, ContentBlocked(f"refused {text}", reason="SAFETY"))
    ImageGeneratorService().generate(GenerationRequest(f"failed {text}"))
    sheet = NewSheet(label, [kept.id], greeting=f"greeting {text[:1000]}", prompts=True)
    sheet_id, token = make_sheet(sheet)
    save_marks(token, {1: Mark(True, f"word {text[:400]}")}, guest=label)
    ids = {"image_id": kept.id, "generation_id": made.id, "sheet_id": sheet_id}
    return {**ids, "name": name, "token": token}
