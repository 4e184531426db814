"""Past prompts: whether each is counted as often as it was used, and found by its own words."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import PastPrompt, history_revision, prompt_book
from app.models.past_prompt import beginning_of, prompt_key
from app.models.prompt_recount import UNDERCOUNTED, correct
from app.models.search import compose
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of

USES_WRONG = Kind(
    "prompt-uses",
    "past prompts with fewer uses than there are, or at other times",
    "counted anew; never to fewer",
)
KEY_WRONG = Kind(
    "prompt-key",
    "past prompts whose key, beginning or place is another's",
    "made anew from the text",
)
_COLUMNS = (
    *(PastPrompt.id, PastPrompt.key, PastPrompt.text, PastPrompt.beginning),
    *(PastPrompt.position, PastPrompt.last_used_at),
)


def _find(_options: Options, progress: Progress) -> Iterator[Fault]:
    with snapshot():
        for (prompt_id,) in rows_of(UNDERCOUNTED.order_by(PastPrompt.id)):
            yield Fault(USES_WRONG, prompt_id)
        for row in rows_of(select(*_COLUMNS).order_by(PastPrompt.id)):
            progress(1)
            if not _is_itself(row):
                yield Fault(KEY_WRONG, row.id)


def _is_itself(row: PastPrompt) -> bool:
    return (
        row.key == prompt_key(row.text)
        and row.beginning == beginning_of(compose(row.text))
        and prompt_book.is_near(row.position, row.last_used_at)
    )


def _correct(ids: list[int]) -> int:
    corrected = 0
    for prompt_id in ids:
        prompt_book.lock()
        try:
            with db.session.begin_nested():
                corrected += correct(prompt_id)
        except IntegrityError:
            pass  # another one has its words already: nobody can say which uses are whose
    history_revision.bump()
    db.session.commit()
    return corrected


PROMPTS = Checker("prompts", "past prompts", _find, {USES_WRONG: _correct, KEY_WRONG: _correct})
