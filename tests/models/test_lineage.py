"""Where an image comes from and what came of it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete

from app.errors import NotFound
from app.extensions import db
from app.models import Image
from app.models.lineage import lineage_of
from tests.models.samples import deleted_image, kept_image


def made_from(*parents: int) -> int:
    """Keep an image made from others; return its id."""
    return kept_image(parents=parents).id


def tree(image_id: int, **more: int) -> tuple[list[int], list[int], bool]:
    """Return the ids up and down, and whether they are all."""
    found = lineage_of(image_id, **more)
    assert found.image.id == image_id
    up, down = ([row.id for row in rows] for rows in (found.ancestors, found.descendants))
    return up, down, found.complete


def test_an_image_from_words_alone_has_nobody(context: Flask) -> None:
    assert tree(made_from()) == ([], [], True)


def test_all_steps_up_and_down_are_told_the_nearest_first(context: Flask) -> None:
    a, b = made_from(), made_from()
    c = made_from(b, a)
    d = made_from(c)
    e = made_from(c, d)
    f = made_from(e, a)
    assert tree(c) == ([b, a], [d, e, f], True)
    assert tree(f) == ([e, a, d, c, b], [], True)
    assert tree(a) == ([], [c, f, d, e], True)
    assert [row.parents for row in lineage_of(c).descendants] == [[c], [c, d], [e, a]]


def test_deleted_ones_are_told_and_purged_ones_are_not(context: Flask) -> None:
    first = deleted_image().id
    second = made_from(first)
    third = made_from(second)
    assert tree(third)[0] == [second, first]
    db.session.execute(delete(Image).where(Image.id == second))
    db.session.commit()
    assert tree(third) == ([], [], True)
    assert tree(first) == ([], [], True)


def test_no_more_than_so_many_are_told(context: Flask) -> None:
    root = made_from()
    children = [made_from(root) for _ in range(4)]
    grandchild = made_from(children[0], children[3])
    assert tree(root, most=3) == ([], children[:3], False)
    assert tree(root, most=4) == ([], children, False)
    assert tree(root, most=5) == ([], [*children, grandchild], True)
    assert tree(grandchild, most=2) == ([children[3], children[0]], [], False)


def test_a_long_line_takes_a_query_a_step_and_ends(context: Flask, statements: list[str]) -> None:
    line = [made_from()]
    for _ in range(5):
        line.append(made_from(line[-1]))
    statements.clear()
    assert tree(line[-1]) == (line[-2::-1], [], True)
    assert len(statements) == 6 + 1 + 2  # up, down, and the rows of two lists


@pytest.mark.parametrize("image_id", [0, 7, 2**63])
def test_of_an_image_that_is_not_there_nothing_is_told(context: Flask, image_id: int) -> None:
    with pytest.raises(NotFound, match=f"no image {image_id}"):
        lineage_of(image_id)
