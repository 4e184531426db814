"""The headers that the API reads and sends, each described once."""

from __future__ import annotations

from typing import Any

from app.request_log import ID
from app.services.idempotency import KEY


def _header(description: str, example: Any, **schema: Any) -> dict[str, Any]:
    return {
        "description": description,
        "schema": {"type": "string", **schema},
        "example": example,
    }


ETAGS = r'^(\*|(W/)?"[\x21\x23-\x7e]*"(, *(W/)?"[\x21\x23-\x7e]*")*)$'
HTTP_DATE = r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$"
REQUEST = {
    "Prefer": _header(
        "`wait=N`: wait up to N seconds for the pictures (RFC 7240). One that is not understood is "
        "ignored.",
        "wait=60",
    ),
    "Idempotency-Key": _header(
        "A name of your own for this request, such as a UUID. Sent again within 24 hours with the same "
        "body, the request is answered with the generation that it made; with another body it is 409.",
        "7f0c1d5e-3a64-4b8f-9d0b-5f2d1a0b9c3e",
        pattern=KEY,
    ),
    "If-Match": _header(
        "ETags of the record, from an earlier answer: nothing is done when it has changed since. "
        "`*` stands for any; weak ones never match.",
        '"17-1"',
    ),
    "If-None-Match": _header("ETags that the caller has: 304 when one still holds.", '"17-1"'),
    "If-Modified-Since": _header(
        "304 when nothing has changed since; ignored beside If-None-Match.",
        "Sun, 22 Nov 2026 10:00:00 GMT",
    ),
    "If-Unmodified-Since": _header(
        "Nothing is sent when it has changed since; ignored beside If-Match.",
        "Sun, 22 Nov 2026 10:00:00 GMT",
    ),
    "If-Range": _header(
        "An ETag or a date: when it no longer holds, Range is ignored.", '"5f2d1a0b"'
    ),
    "Range": _header("Only a part of the bytes.", "bytes=0-1023"),
}
ANSWER = {
    "Location": _header("Where the resource is.", "/api/generations/01KAN4V5B6M7Q8R9S0T1V2W3X4"),
    "Preference-Applied": _header("What of `Prefer` was heeded.", "wait=60"),
    "ETag": _header(
        "Names this state, for If-Match and If-None-Match.",
        '"17-1"',
        pattern=r'^(W/)?"[\x21\x23-\x7e]*"$',
    ),
    "Last-Modified": _header(
        "When the picture was kept.", "Sun, 22 Nov 2026 10:00:00 GMT", pattern=HTTP_DATE
    ),
    "Cache-Control": _header("How long the answer may be kept.", "private, no-cache"),
    "RateLimit-Policy": _header(
        "How many requests (q) in how many seconds (w); not where there is no limit.",
        '"requests";q=6000;w=60',
    ),
    "RateLimit": _header(
        "How many are left (r), for how many seconds (t); not where there is no limit.",
        '"requests";r=5999;t=60',
    ),
    "Vary": _header("Which request headers it depends on.", "Authorization, Accept-Encoding"),
    "Content-Encoding": _header("Where Accept-Encoding asks for it.", "gzip", const="gzip"),
    "Link": _header(
        "Ways on (RFC 8288): `first`, `prev`, `next`, `last`.",
        '</api/images?page=2>; rel="next"',
    ),
    "Content-Disposition": _header(
        "A name for the file, made of its prompt.",
        "inline; filename=\"a-lighthouse-at-dusk-17.png\"; filename*=UTF-8''a-lighthouse-at-dusk-17.png",
    ),
    "Accept-Ranges": _header("Parts can be asked for.", "bytes", const="bytes"),
    "Content-Range": _header(
        "Which part this is, of how many bytes.",
        "bytes 0-1023/48213",
        pattern=r"^bytes ([0-9]+-[0-9]+|\*)/[0-9]+$",
    ),
    "Retry-After": {
        "description": "In how many seconds it may do.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 5,
    },
    "X-Request-Id": _header(
        "The request's id in the server's log: its own X-Request-Id, if that is 1 to 128 letters, "
        "digits and `._:/+=@-`, else a new one.",
        "01KAN4V5B6M7Q8R9S0T1V2W3X4",
        pattern=f"^{ID.pattern}$",
    ),
    "WWW-Authenticate": _header("How to say who you are.", "Bearer realm=Proofsheet"),
}
ALWAYS = ("X-Request-Id",)  # of every answer
IN_WORDS = ("Vary", "Content-Encoding")  # of every answer in JSON
LIMITS = ("RateLimit-Policy", "RateLimit")  # of every answer to whoever sends a key
# Those that an answer may lack; all others that are declared are always there.
OPTIONAL = {
    "Vary",
    "Content-Encoding",
    "RateLimit",
    "RateLimit-Policy",
    "Link",
    "Preference-Applied",
    "Retry-After",
    "Last-Modified",
}
