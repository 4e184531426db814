"""`@documented`, beside `@requires`: what a route takes and what it answers.

What is declared is used: the view is called with the query and the body or form as the declared
models. The rest of its documentation follows from the route, its role and its docstring (document.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, TypeVar, cast

from app.api.validation import Strict, parse_body, parse_form, parse_query

View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One status of a success. `shape` is the model of its body (None: it has none), `headers` are
    names from headers.py, `media_types` those of its body.
    """

    description: str
    shape: Any = None
    headers: tuple[str, ...] = ()
    media_types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one view declares. `errors` are codes beyond those that its kind of route always has,
    `texts` media types that a body may have beside JSON, with examples.
    """

    answers: Mapping[int, Answer]
    query: type[Strict] | None = None
    body: type[Strict] | None = None
    form: type[Strict] | None = None
    headers: tuple[str, ...] = ()
    errors: tuple[str, ...] = field(default=())
    texts: Mapping[str, str] = field(default_factory=dict)


CACHED = ("ETag", "Cache-Control", "Vary")
NOT_MODIFIED = Answer("The caller has it: what If-None-Match names is current still.")
_operations: dict[Callable[..., Any], Operation] = {}


def documented(
    answers: Mapping[int, Answer],
    *,
    query: type[Strict] | None = None,
    body: type[Strict] | None = None,
    form: type[Strict] | None = None,
    headers: tuple[str, ...] = (),
    errors: tuple[str, ...] = (),
    texts: Mapping[str, str] | None = None,
    limit: str = "max_request_bytes",
) -> Callable[[View], View]:
    """Declare what a view takes and answers; call it with `query` and `body` or `form`, checked.

    A body is JSON, a form multipart/form-data, of which a view takes one.
    `headers` are the names of request headers that mean something here. `texts` are other media types
    of a body, each with an example: the view is called with its bytes then. `limit` is the setting
    that bounds a body.
    """
    others = texts or {}

    def declare(view: View) -> View:
        parsers = {
            name: (parse, model)
            for name, parse, model in (
                ("query", parse_query, query),
                ("body", partial(parse_body, texts=others, limit=limit), body),
                ("form", parse_form, form),
            )
            if model
        }
        called = _with_parsed(view, parsers) if parsers else view
        _operations[called] = Operation(answers, query, body, form, headers, errors, others)
        return called

    return declare


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """Return what a view declared, or None."""
    return _operations.get(view)


def _with_parsed(view: View, parsers: Mapping[str, Any]) -> View:
    @wraps(view)
    def call(**values: Any) -> Any:
        parsed = {name: parse(model) for name, (parse, model) in parsers.items()}
        return view(**values, **parsed)

    return cast(View, call)
