"""Templates, kept for good."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event

from app.errors import Conflict, InvalidTemplate
from app.extensions import db
from app.models import PromptTemplate
from app.models.prompt_manager import PromptManager
from app.services.templates import save_template, template_versions, update_template


def test_a_template_is_committed(context: Flask) -> None:
    save_template("oil", "{user_input}, in oil")
    db.session.rollback()
    assert PromptManager().format_prompt("A fox", "oil") == "A fox, in oil"


def test_a_template_that_is_refused_is_not_kept(context: Flask) -> None:
    with pytest.raises(InvalidTemplate):
        save_template("oil", "{user_input.name}")
    assert PromptManager().list_templates() == []


def test_two_who_save_at_once_do_not_both_get_the_version(context: Flask) -> None:
    def get_there_first(*_: object) -> None:
        other = PromptTemplate(name="oil", version=1, text="{user_input}, first")
        with db.Session(db.engine) as session, session.begin():
            session.add(other)

    event.listen(db.session, "before_flush", get_there_first, once=True)
    with pytest.raises(Conflict, match="try again"):
        save_template("oil", "{user_input}, second")
    assert PromptManager().get_template("oil").text == "{user_input}, first"
    assert save_template("oil", "{user_input}, second").version == 2


def test_what_was_written_from_an_older_version_is_not_put_over_a_newer_one(context: Flask) -> None:
    for words in ("{user_input}, first", "{user_input}, second"):
        save_template("oil", words)
    with pytest.raises(Conflict, match="version 2 by now, and this was written from 1"):
        update_template("oil", "{user_input}, late", seen=1)
    assert update_template("oil", "{user_input}, third", seen=2).version == 3
    assert len(template_versions("oil")) == 3
