"""Prompts that are booked after their generation was committed, which had no time to lose."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update

from app.extensions import db
from app.models import Generation, prompt_book
from app.models.forgetting import FORGOTTEN


def book_prompts_of(*where: ColumnElement[bool]) -> None:
    """Book the use of a prompt that generations are which were not booked yet.

    Nothing for those whose words were forgotten. Call it first in a transaction: others wait for its
    lock.
    """
    prompt_book.lock()
    late = (Generation.prompt_id.is_(None), Generation.prompt != FORGOTTEN, *where)
    query = select(Generation.id, Generation.prompt, Generation.created_at).where(*late)
    rows = db.session.execute(query.order_by(Generation.id)).all()
    prompts = prompt_book.use_many((row.prompt, row.created_at) for row in rows) if rows else []
    for row, prompt_id in zip(rows, prompts, strict=True):
        booked = update(Generation).where(Generation.id == row.id).values(prompt_id=prompt_id)
        db.session.execute(booked, execution_options={"synchronize_session": False})
