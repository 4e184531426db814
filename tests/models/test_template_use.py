"""How often templates were used, and the newest picture of each."""

from __future__ import annotations

import pytest
from flask import Flask

from app.models import template_use
from app.models.template_use import template_uses
from app.models.types import utc_now
from tests.models.samples import deleted_image, generation, kept_image


def test_a_template_is_told_with_its_uses_and_its_newest_picture(context: Flask) -> None:
    first, second = generation(template="oil", n=2), generation(template="oil")
    kept_image(generation_id=first.id, ordinal=0)
    newest = kept_image(generation_id=first.id, ordinal=1)
    deleted_image(generation_id=second.id, ordinal=0)
    generation(template="ink")
    kept_image()
    uses = template_uses(["oil", "ink", "chalk"])
    assert {name: each.count for name, each in uses.items()} == {"oil": 2, "ink": 1, "chalk": 0}
    assert uses["oil"].newest is not None
    assert (uses["oil"].newest.id, uses["oil"].newest.sha256) == (newest.id, newest.sha256)
    assert uses["ink"].newest is None
    assert not any(each.or_more for each in uses.values())


def test_counting_and_looking_back_end_somewhere(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_use, "MOST_COUNTED", 2)
    monkeypatch.setattr(template_use, "LOOKED_BACK", 2)
    kept_image(generation_id=generation(template="oil").id, ordinal=0)
    for _ in range(2):
        generation(template="oil")
    oil = template_uses(["oil"])["oil"]
    assert (oil.count, oil.or_more, oil.newest) == (2, True, None)


def test_many_templates_take_few_statements(context: Flask, statements: list[str]) -> None:
    generation(template="t7", created_at=utc_now())
    statements.clear()
    uses = template_uses(f"t{number}" for number in range(600))
    assert (len(uses), uses["t7"].count) == (600, 1)
    assert len(statements) == 4


def test_no_template_takes_no_statement(context: Flask, statements: list[str]) -> None:
    statements.clear()
    assert template_uses([]) == {}
    assert statements == []
