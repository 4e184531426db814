"""What failed, why, and what to do about it; what was refused as unsafe apart from what broke."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from ulid import ULID

from app.extensions import db
from app.models import Generation, Status
from app.models.reporting.reading import read_sums
from app.services.records import timestamp
from app.services.reports.names import columns
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, added, share, usage_columns
from app.services.reports.tagged import refuse_tag

DIMENSIONS = ("provider", "model", "error_code")
EXAMPLES = 3
LONGEST_MESSAGE = 300
# The provider said no to what was asked; all else is a fault of somebody's.
REFUSALS = {"content_blocked", "no_image"}
ADVICE = {
    "content_blocked": "The provider's safety rules said no: word the prompt another way, or use "
    "another model.",
    "no_image": "The model answered in words: ask for a picture more plainly.",
    "provider_rejected": "The provider found the request invalid: look at the size, the aspect ratio "
    "and the pictures to work from that this model takes.",
    "provider_auth": "The provider does not accept the key: check GEMINI_API_KEY, its rights and "
    "billing.",
    "model_not_found": "The provider has no such model, or not for this key: choose another with "
    "`manage.py models`.",
    "rate_limited": "Too many requests: lower PROOFSHEET_PICTURES_PER_MINUTE, or wait.",
    "quota_exhausted": "The day's quota is used up: raise it at the provider, or wait until it is "
    "renewed.",
    "provider_unavailable": "The provider is overloaded or cannot be reached: check the network; "
    "try again later.",
    "provider_failed": "The provider broke down in the middle: try again; it may have billed.",
    "provider_timeout": "No answer came in time: try again; for large sizes raise "
    "PROOFSHEET_PROVIDER_DEADLINE.",
    "provider_bad_answer": "What came holds no picture: try again; if it stays so, the log tells more.",
    "interrupted": "Proofsheet was stopped meanwhile: try again.",
    "expired": "It waited too long: run more workers, or raise PROOFSHEET_MAX_QUEUE_HOURS.",
    "input_gone": "A picture to work from was purged: choose another.",
    "internal": "Something broke on our side: the log tells what.",
}
OTHER = "Look at one of the examples: its message tells what to do."


def failures(question: Question) -> Report:
    """Return a row for each provider, model and reason, those that happened most often first.

    Raises InvalidInput for a question about a tag.
    """
    refuse_tag(question, "failures")
    found = read_sums(question.wanted(*DIMENSIONS, errors=True), [question.whole.span])
    failed = {values: each.failed for (_, values), each in found.items() if each.failed}
    everything = added(read_sums(question.wanted(), [question.whole.span]).values())
    rows = [
        _row(question, columns(DIMENSIONS, values), failed[values], everything.failed)
        for values in sorted(failed, key=lambda values: (-failed[values], values))
    ]
    refused = sum(row["failures"] for row in rows if row["kind"] == "refusal")
    ended = everything.succeeded + everything.failed
    totals = {
        "generations": usage_columns(everything)["generations"],
        "failures": everything.failed,
        "refusals": refused,
        "faults": everything.failed - refused,
        "failure_rate": share(everything.failed, ended),
        "refusal_rate": share(refused, ended),
    }
    return Report("failures", question, rows, totals)


def _row(question: Question, named: dict[str, Any], number: int, of: int) -> Row:
    code = named.pop("error_code")
    return {
        **named,
        "reason": code,
        "kind": "refusal" if code in REFUSALS else "fault",
        "failures": number,
        "share": share(number, of),
        "advice": ADVICE.get(code, OTHER),
        "examples": _examples(question, named, code),
    }


def _examples(question: Question, named: dict[str, Any], code: str) -> list[Row]:
    """Return the newest generations that failed so, with what was said."""
    first, end = (ULID.from_datetime(each) for each in (question.since, question.until))
    only = {**question.wanted().only, **{name: [value] for name, value in named.items()}}
    query = (
        select(Generation.id, Generation.created_at, Generation.error_message)
        .where(Generation.status == Status.FAILED, Generation.error_code == code)
        .where(Generation.id >= _lowest(first), Generation.id < _lowest(end))
        .where(*(getattr(Generation, name).in_(values) for name, values in only.items()))
        .order_by(Generation.id.desc())
        .limit(EXAMPLES)
    )
    return [
        {
            "id": row.id,
            "created_at": timestamp(row.created_at),
            "message": (row.error_message or "")[:LONGEST_MESSAGE],
        }
        for row in db.session.execute(query)
    ]


def _lowest(ulid: ULID) -> str:
    """Return the least id of the same millisecond."""
    return str(ULID.from_timestamp(ulid.milliseconds))[:10]
