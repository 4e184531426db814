"""Purging that erases the words too: no byte of them stays in the database's files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import Generation, Image, PastPrompt, Status, search_index, space
from app.models.forgetting import FORGOTTEN
from app.models.image_filter import ImageFilter
from app.models.past_prompt import prompt_index
from app.models.prompt_book import use
from app.models.search import parse
from app.models.types import utc_now
from app.services import marks
from app.services.marks import Marks, change_images
from app.services.purge import Forgotten, purge_images, purge_matching
from tests.models.samples import ON_SQLITE, generation, kept_image

WORD = "zyxwvut"  # nobody writes it but these tests


def prompt(words: str) -> int:
    """Commit a use of a prompt; return the prompt's id."""
    prompt_id = use(words, utc_now())
    db.session.commit()
    return prompt_id


def made(
    words: str, images: int = 1, prompt_id: int | None = None, **columns: object
) -> Generation:
    """Commit a generation of these words that ended, with its images."""
    row = generation(
        **{
            "prompt": words,
            "final_prompt": f"{words}, painted",
            "variables": {"mood": words},
            "prompt_id": prompt_id,
            "status": Status.SUCCEEDED,
            "n": 4,
            "done": images,
            "cost_microusd": 7,
            **columns,
        }
    )
    for ordinal in range(images):
        image = kept_image(row.final_prompt, generation_id=row.id, ordinal=ordinal)
        image.prompt_id = prompt_id
    db.session.commit()
    return row


def words_of(row: Generation) -> tuple[object, ...]:
    db.session.rollback()
    kept = db.session.get(Generation, row.id, populate_existing=True)
    assert kept is not None
    return kept.prompt, kept.final_prompt, kept.variables


def forgotten(ids: list[int]) -> Forgotten:
    """Delete and purge these images with their words."""
    change_images(ids, marks.delete())
    done = purge_images(ids, forget=True).forgotten
    assert done is not None
    return done


def ids_of(row: Generation) -> list[int]:
    return list(db.session.scalars(select(Image.id).where(Image.generation_id == row.id)))


BLANK = (FORGOTTEN, FORGOTTEN, {})


def test_the_words_go_and_what_it_cost_stays(context: Flask) -> None:
    said = {"error_code": "content_blocked", "error_message": "No fox"}
    row = made("A fox", 2, done=2, given_up={"0": said}, **said)
    assert forgotten(ids_of(row)) == Forgotten(1, 0, [])
    assert words_of(row) == BLANK
    kept = db.session.get(Generation, row.id)
    assert (kept.error_message, kept.error_reason, kept.error_code, kept.given_up) == (
        FORGOTTEN,
        None,
        "content_blocked",
        None,
    )
    assert (kept.cost_microusd, kept.done, kept.status) == (7, 2, Status.SUCCEEDED)


def test_as_long_as_an_image_is_left_the_words_stay_and_it_is_named(context: Flask) -> None:
    row = made("A fox", 3)
    first, *rest = ids_of(row)
    assert forgotten([first]) == Forgotten(0, 2, rest)
    assert words_of(row)[0] == "A fox"
    assert forgotten(rest) == Forgotten(1, 0, [])
    assert words_of(row) == BLANK


def test_a_prompt_goes_with_its_last_image_and_from_all_that_were_asked_for(context: Flask) -> None:
    same = prompt("A fox")
    first, second = made("A fox", prompt_id=same), made("a  FOX", prompt_id=same)
    failed = made("A FOX", 0, prompt_id=same, status=Status.FAILED, error_message="No foxes")
    other = made("An owl", prompt_id=prompt("An owl"))
    assert forgotten(ids_of(first)) == Forgotten(1, 1, ids_of(second))
    assert words_of(first) == BLANK
    assert words_of(failed)[0] == "A FOX"
    assert forgotten(ids_of(second)) == Forgotten(2, 0, [])
    assert words_of(second) == words_of(failed) == BLANK
    assert words_of(other)[0] == "An owl"
    assert list(db.session.scalars(select(PastPrompt.text))) == ["An owl"]
    assert prompt_index.find(parse("fox"), limit=9).positions == []
    assert len(prompt_index.find(parse("owl"), limit=9).positions) == 1
    assert len(search_index.find(parse("owl"), limit=9).positions) == 1


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_what_still_runs_keeps_its_words_and_their_prompt(context: Flask, status: Status) -> None:
    same = prompt("A fox")
    ended = made("A fox", prompt_id=same)
    running = made("A fox", 0, prompt_id=same, status=status)
    forgotten(ids_of(ended))
    assert words_of(ended) == BLANK
    assert words_of(running)[0] == "A fox"
    assert db.session.get(PastPrompt, same) is not None


def test_what_is_asked_for_meanwhile_keeps_the_prompt(app: Flask, context: Flask) -> None:
    same = prompt("A fox")
    ids = ids_of(made("A fox", prompt_id=same))
    change_images(ids, marks.delete())

    def purge() -> None:
        with app.app_context():
            purge_images(ids, forget=True)

    with ThreadPoolExecutor(1) as pool:
        assert use("a fox", utc_now()) == same  # not yet committed while the purge begins
        purging = pool.submit(purge)
        wait([purging], timeout=0.3)
        generation(prompt="a FOX", status=Status.QUEUED)
        purging.result()
    db.session.rollback()
    assert db.session.get(PastPrompt, same, populate_existing=True) is not None


def test_without_forget_the_words_stay(context: Flask) -> None:
    row = made("A fox", prompt_id=prompt("A fox"))
    change_images(ids_of(row), marks.delete())
    assert purge_matching(ImageFilter(), 1).forgotten is None
    assert words_of(row)[0] == "A fox"
    assert list(db.session.scalars(select(PastPrompt.text))) == ["A fox"]


def test_no_byte_of_the_words_is_left_in_the_files(context: Flask) -> None:
    rows = [made(f"other {n}", prompt_id=prompt(f"other {n}")) for n in range(20)]
    rows += [made(f"{WORD} {number}", prompt_id=prompt(f"{WORD} {number}")) for number in range(3)]
    made(f"{WORD} 1", 0, prompt_id=rows[-2].prompt_id, status=Status.FAILED, error_reason=WORD)
    rows += [made(f"more {number}") for number in range(20)]
    ids = [each for row in rows[20:23] for each in ids_of(row)]
    change_images(ids, marks.put(Marks(favourite=True, note="x" * 200, tags=[WORD])))
    db.session.commit()
    space.give_back(["images", "generations", "prompts"])  # with samples of the words
    assert traces() > 3
    assert forgotten(ids) == Forgotten(4, 0, [])
    assert traces() == 0
    assert len(search_index.find(parse("other"), limit=99).positions) == 20


def traces() -> int:
    """Return how often the word stands in the files of this database, in any case."""
    db.session.rollback()
    return sum(file.read_bytes().lower().count(WORD.encode()) for file in files())


def files() -> list[Path]:
    """Return the files of this database; PostgreSQL writes them at a checkpoint."""
    if db.engine.dialect.name == "sqlite":
        return list(Path(str(db.engine.url.database)).parent.glob("proofsheet.db*"))
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        [folder] = connection.execute("SHOW data_directory").fetchone() or ()
        own = "SELECT oid FROM pg_database WHERE datname = current_database()"
        [number] = connection.execute(own).fetchone() or ()
    return [file for file in (Path(folder) / "base" / str(number)).iterdir() if file.is_file()]


@ON_SQLITE
def test_a_deleted_word_is_overwritten_as_before_once_it_is_done(context: Flask) -> None:
    def secure_delete() -> int | None:
        return db.session.scalar(text("PRAGMA secure_delete"))

    before = secure_delete()
    with space.overwriting():
        assert secure_delete() == 1
    assert secure_delete() == before == 2
    with pytest.raises(KeyError), space.overwriting():
        raise KeyError
    assert secure_delete() == before
