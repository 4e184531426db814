"""Which failure of Gemini is which of ours: the one table of statuses.

It decides what is tried again, so it errs towards "no": a picture that may have been drawn and
billed is not asked for twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple

from app.providers.base import (
    ModelNotFound,
    ProviderAuthFailed,
    ProviderBadAnswer,
    ProviderError,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
)
from app.providers.gemini_answer import shorten
from app.providers.gemini_json import table, tables, text
from app.providers.gemini_words import reason_of, without


class _Row(NamedTuple):
    kind: type[ProviderError]
    message: str
    may_be_billed: bool = False


_KEY: Final = _Row(
    ProviderAuthFailed,
    "Gemini does not accept the API key, or the key may not do this. Check GEMINI_API_KEY and the"
    " project and billing behind it.",
)
_REJECTED: Final = _Row(
    ProviderRejected,
    "Gemini found the request invalid. Change the prompt, the settings or the input pictures.",
)
_DAY: Final = _Row(
    QuotaExhausted,
    "The Gemini quota is used up for today, or the plan has none for this model. It starts anew at"
    " midnight Pacific time; choose another model or raise the quota.",
)
_FAILED: Final = _Row(
    ProviderFailed,
    "Gemini broke down while drawing. The picture may have been billed; try again if you accept"
    " that.",
    may_be_billed=True,
)
_ELSEWHERE: Final = _Row(
    ProviderBadAnswer,
    "The Gemini address answers with a redirect, which is not followed because the API key would"
    " go along. Set PROOFSHEET_GEMINI_BASE_URL to the final address.",
)
_ODD: Final = _Row(
    ProviderBadAnswer,
    "Gemini's answer has a status that none should have. Check PROOFSHEET_GEMINI_BASE_URL.",
    may_be_billed=True,
)

_BY_STATUS: Final = {
    401: _KEY,
    403: _KEY,
    404: _Row(
        ModelNotFound,
        "Gemini has no such model, or not for this key. Choose another model, or check"
        " PROOFSHEET_GEMINI_BASE_URL if all are missing.",
    ),
    429: _Row(
        RateLimited, "Gemini takes no more requests just now. The same request will do later."
    ),
    502: _Row(
        ProviderBadAnswer,
        "A gateway before Gemini lost the answer. The picture may have been billed; try again later"
        " if you accept that.",
        may_be_billed=True,
    ),
    503: _Row(
        ProviderUnavailable,
        "Gemini is overloaded just now. Nothing was drawn; try again in a while.",
    ),
    504: _Row(
        ProviderTimeout,
        "Gemini did not finish in time. The picture may have been billed; try again with a smaller"
        " size or a simpler prompt.",
        may_be_billed=True,
    ),
}

# Whoever says to come back later than that does not mean it, or no longer then.
_LONGEST_HINT_SECONDS: Final = 3 * 86_400.0


def from_status(
    status: int, body: object = None, headers: Mapping[str, str] | None = None, *, secret: str = ""
) -> ProviderError:
    """The error for an answer that is not 200.

    `body` is its JSON, if that much could be read; `headers` have names in lower case. The
    provider's own message is quoted, but without `secret`: Google names the key in "Consumer
    'api_key:…' has been suspended".
    """
    error = table(without(secret, table(table(body).get("error"))))
    row = _row(status, error)
    words = text(error.get("message"))
    quote = f' It says: "{shorten(words)}"' if words else ""
    waiting = row.kind in {RateLimited, ProviderUnavailable}
    return row.kind(
        f"{row.message}{quote} (HTTP {status})",
        reason=reason_of(text(error.get("status"))) or None,
        retry_after=_retry_after(error, headers or {}) if waiting else None,
        may_be_billed=row.may_be_billed,
        # What is said of the key and of the project behind it is the owner's business.
        details=[] if row is _KEY else [each for each in _details(error) if _is_sane(each)],
    )


def _row(status: int, error: dict[str, Any]) -> _Row:
    if status == 400:  # noqa: PLR2004 - a status is its own name
        return _KEY if _blames_the_key(error) else _REJECTED
    if status == 429 and _is_out_for_the_day(error):  # noqa: PLR2004
        return _DAY
    by_class = {2: _ODD, 3: _ELSEWHERE, 4: _REJECTED, 5: _FAILED}
    return _BY_STATUS.get(status) or by_class.get(status // 100, _ODD)


def _blames_the_key(error: dict[str, Any]) -> bool:
    """Whether a 400 is about the key: Google gives 400 for these too, rather than 401 or 403."""
    reasons = [text(detail.get("reason")) for detail in _details(error)]
    message = text(error.get("message")).lower()
    return (
        text(error.get("status")) == "FAILED_PRECONDITION"
        or any(reason.startswith("API_KEY_") for reason in reasons)
        or "api_key_invalid" in message
        or "api key not valid" in message
    )


def _is_out_for_the_day(error: dict[str, Any]) -> bool:
    """Whether waiting is useless: the day's quota is gone, or there never was one ("limit: 0")."""
    quotas = [quota for detail in _details(error) for quota in tables(detail.get("violations"))]
    return (
        any("PerDay" in text(quota.get("quotaId")) for quota in quotas)
        or any(text(quota.get("quotaValue")) == "0" for quota in quotas)
        or re.search(r"\blimit: 0(?![.,]?\d)", text(error.get("message"))) is not None
    )


def _retry_after(error: dict[str, Any], headers: Mapping[str, str]) -> float | None:
    """The provider's hint in seconds: RetryInfo's "17s", or else the Retry-After header."""
    for detail in _details(error):
        delay = text(detail.get("retryDelay"))
        if delay.endswith("s"):
            return _seconds(delay.removesuffix("s"))
    header = headers.get("retry-after", "")
    return _seconds(header) if header[:1].isdigit() else _seconds_until(header)


def _is_sane(detail: dict[str, Any]) -> bool:
    """Whether clients can do what it says of waiting: they sleep for as long, and some for 1e20 s."""
    if "retryDelay" not in detail:
        return True
    delay = text(detail["retryDelay"])
    seconds = _plain_seconds(delay.removesuffix("s")) if delay.endswith("s") else None
    return seconds is not None and seconds <= _LONGEST_HINT_SECONDS


def _seconds(number: str) -> float | None:
    seconds = _plain_seconds(number)
    return None if seconds is None else min(seconds, _LONGEST_HINT_SECONDS)


def _plain_seconds(number: str) -> float | None:
    return float(number) if re.fullmatch(r"[0-9]{1,40}(\.[0-9]{1,20})?", number) else None


def _seconds_until(http_date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000" is how RFC 5322 writes "UTC, zone unknown"
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_HINT_SECONDS)


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return tables(error.get("details"))
