"""The indexes of words: each row's words are those that it is to be found by, and all are in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from app.extensions import db
from app.models import (
    Generation,
    Image,
    PastPrompt,
    PromptText,
    SearchText,
    prompt_book,
    search_index,
)
from app.models.forgetting import FORGOTTEN
from app.models.image_lock import hold_all
from app.models.past_prompt import prompt_index
from app.models.search import compose, labels
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of

IMAGE_WORDS = Kind(
    "image-words", "images that the search index knows by other words, or not", "indexed anew"
)
WORDS_OF_NO_IMAGE = Kind(
    "words-of-no-image", "entries of the search index without their image", "removed"
)
PROMPT_WORDS = Kind(
    "prompt-words", "past prompts that their index knows by other words, or not", "indexed anew"
)
WORDS_OF_NO_PROMPT = Kind(
    "words-of-no-prompt", "entries of the index of past prompts without their prompt", "removed"
)

_IMAGES = (
    select(
        *(Image.position, Image.prompt, Image.provider, Image.model, Image.source),
        *(Generation.prompt.label("asked"), Generation.final_prompt, SearchText.text),
    )
    .outerjoin(Generation, Generation.id == Image.generation_id)
    .outerjoin(SearchText, SearchText.position == Image.position)
    .order_by(Image.position)
)
_PROMPTS = (
    select(PastPrompt.position, PastPrompt.text.label("words"), PromptText.text)
    .outerjoin(PromptText, PromptText.position == PastPrompt.position)
    .order_by(PastPrompt.position)
)


def _loose(texts: Any, owner: Any) -> Select[Any]:
    there = select(owner).where(owner == texts.position).exists()
    return select(texts.position).where(~there).order_by(texts.position)


_NO_IMAGE = _loose(SearchText, Image.position)
_NO_PROMPT = _loose(PromptText, PastPrompt.position)


def words_of_image(row: Any) -> str:
    """Return what an image is found by: its words, those of its generation, and labels."""
    words = [] if row.prompt == FORGOTTEN else [row.prompt]
    if words and row.asked is not None and row.asked != FORGOTTEN:
        words += [row.asked, row.final_prompt]
    known = labels(provider=row.provider, model=row.model, source=row.source)
    return compose(*words, labels=known)


def _is_right(row: Any) -> bool:
    if row.text == words_of_image(row):
        return True
    # Of a generation whose words were erased by their age the index may still know more.
    may_know_more = row.asked == FORGOTTEN and row.prompt != FORGOTTEN and row.text is not None
    return may_know_more and set(words_of_image(row).split()) <= set(row.text.split())


def _find_images(_options: Options, progress: Progress) -> Iterator[Fault]:
    with snapshot():
        for row in rows_of(_IMAGES):
            progress(1)
            if not _is_right(row):
                yield Fault(IMAGE_WORDS, row.position)
        for (position,) in rows_of(_NO_IMAGE):
            yield Fault(WORDS_OF_NO_IMAGE, position)


def _find_prompts(_options: Options, progress: Progress) -> Iterator[Fault]:
    with snapshot():
        for row in rows_of(_PROMPTS):
            progress(1)
            if row.text != compose(row.words):
                yield Fault(PROMPT_WORDS, row.position)
        for (position,) in rows_of(_NO_PROMPT):
            yield Fault(WORDS_OF_NO_PROMPT, position)


def _index_images(positions: list[int]) -> int:
    hold_all()
    rows = db.session.execute(_IMAGES.where(Image.position.in_(positions))).all()
    wrong = {row.position: words_of_image(row) for row in rows if not _is_right(row)}
    search_index.remove(wrong)
    search_index.add_many(wrong.items())
    db.session.commit()
    return len(positions)


def _index_prompts(positions: list[int]) -> int:
    prompt_book.lock()
    rows = db.session.execute(_PROMPTS.where(PastPrompt.position.in_(positions))).all()
    wrong = {row.position: words for row in rows if (words := compose(row.words)) != row.text}
    prompt_index.remove(wrong)
    prompt_index.add_many(wrong.items())
    db.session.commit()
    return len(positions)


def _remove(
    lock: Callable[[], None], loose: Select[Any], texts: Any, index: Any, positions: list[int]
) -> int:
    lock()
    gone = db.session.scalars(loose.where(texts.position.in_(positions))).all()
    index.remove(gone)
    db.session.commit()
    return len(positions)


IMAGES_WORDS = Checker(
    "search",
    "words that images are found by",
    _find_images,
    {
        IMAGE_WORDS: _index_images,
        WORDS_OF_NO_IMAGE: partial(_remove, hold_all, _NO_IMAGE, SearchText, search_index),
    },
)
PROMPTS_WORDS = Checker(
    "prompt-search",
    "words that past prompts are found by",
    _find_prompts,
    {
        PROMPT_WORDS: _index_prompts,
        WORDS_OF_NO_PROMPT: partial(
            _remove, prompt_book.lock, _NO_PROMPT, PromptText, prompt_index
        ),
    },
)
