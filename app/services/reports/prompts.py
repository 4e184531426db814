"""With which words: the prompts used most, kept most, failed most, and the words in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.errors import InvalidInput
from app.models.prompt_row import texts_of
from app.models.reporting.prompts.lists import MOST_PROMPTS, PromptLists, prompt_lists
from app.models.reporting.prompts.ranks import FEWEST_IMAGES, MOST_STARRED
from app.models.reporting.prompts.uses import Uses, moment_of
from app.models.reporting.prompts.words import Frequency
from app.services.records import timestamp
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, added, usage_columns
from app.services.reports.tagged import TAGGED
from app.services.reports.usage import sums_of

USUAL = 10
MOST = 100
NOTES = (
    "Wordings that differ in case and white space alone are one prompt, told as it was worded last. A "
    "use is a generation, or an image that is of none.",
    "Images count whether or not they were deleted since; those that were purged do not.",
    f"most_kept: favourites among the images made, of prompts with at least {FEWEST_IMAGES}, among the "
    f"{MOST_STARRED:,} prompts with the most favourites.",
    "never_reused: the newest of those that were used once, at all times.",
)


def prompts(question: Question, limit: int = USUAL) -> Report:
    """Return a row for each prompt of each list, up to `limit` each, and the words of the prompts.

    `totals` are of all prompts together; `more` holds words and phrases. Raises InvalidInput.
    """
    if not 1 <= limit <= MOST:
        raise InvalidInput(f"Ask for 1 to {MOST} prompts a list.", field="limit")
    only = question.wanted().only
    found, counted = prompt_lists(Uses(question.since, question.until, only, question.tag), limit)
    words = counted.frequencies
    at = counted.counted_at.astimezone(question.zone)
    notes = [*NOTES, *([TAGGED] if question.tag else []), _words_note(words.prompts, at)]
    more = {
        "words": _frequencies("word", words.words),
        "phrases": _frequencies("phrase", words.phrases),
        "words_from": words.prompts,
    }
    totals = usage_columns(added(sums_of(question, (), [question.whole]).values()))
    return Report("prompts", question, _rows(found), totals, notes, more)


def _rows(found: PromptLists) -> list[Row]:
    texts = texts_of({prompt for chosen in found.lists.values() for prompt in chosen})
    return [
        {"list": order.value, "rank": rank, **_columns(found, prompt, texts)}
        for order, chosen in found.lists.items()
        # One may have been forgotten since its uses were counted.
        for rank, prompt in enumerate((each for each in chosen if each in texts), start=1)
    ]


def _columns(found: PromptLists, prompt: int, texts: Mapping[int, str]) -> Row:
    numbers = found.tallies
    return {
        "prompt_id": prompt,
        "text": texts[prompt],
        "uses": numbers.uses[prompt],
        "images": numbers.images[prompt],
        "favourites": numbers.favourites[prompt],
        "failures": numbers.failures[prompt],
        "last_used_at": _last_used(numbers.last.get(prompt)),
    }


def _last_used(begins: str | None) -> str | None:
    # Only images fall into the time, of a generation of before it.
    return None if begins is None else timestamp(moment_of(begins))


def _frequencies(name: str, found: list[Frequency]) -> list[Row]:
    return [{name: text, "count": count} for text, count in found]


def _words_note(prompts: int, at: datetime) -> str:
    newest = f"the newest {prompts:,}" if prompts == MOST_PROMPTS else f"{prompts:,}"
    return (
        f"Words and phrases are those of {newest} prompts, counted at {at:%H:%M}, at most once a "
        "minute; common words of English are left out."
    )
