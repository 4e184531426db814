"""/api/batches: many prompts as one."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import Field

from app.api.answers.batch import Batch as BatchShape
from app.api.answers.batch import BatchPage
from app.api.auth import requires
from app.api.fields import BatchId
from app.api.generation_body import BatchBody
from app.api.image_query import Label, PageSize
from app.api.openapi.declare import Answer, documented
from app.api.paging import cursor_answer
from app.api.validation import Strict
from app.extensions import current_settings
from app.key_door import key_holder
from app.models import Role
from app.models.batch_pages import BatchFilter, batches_of
from app.models.cursor import Cursor
from app.services.batch_bodies import decoded, read_csv, read_lines, to_requests
from app.services.batch_retry import retry_batch
from app.services.batch_view import BatchView, views_of
from app.services.batches import cancel_batch, find_batch, get_batch, submit_batch
from app.services.idempotency import HEADER, Once
from app.services.idempotency import once as once_by
from app.services.records import batch_record

blueprint = Blueprint("batches", __name__, url_prefix="/batches")
CSV = "text/csv"
LINES = "text/plain"
TEXTS = {
    CSV: 'prompt,n,size\nA lighthouse at dusk,2,1K\n"A fox, a hare",1,512\n',
    LINES: "A lighthouse at dusk\nA fox and a hare\n",
}
READERS = {CSV: read_csv, LINES: read_lines}


class BatchQuery(Strict):
    """Which batches; what is not given does not narrow."""

    project: Label | None = Field(None, description="Whom they are for.", examples=["acme"])
    limit: PageSize | None = Field(None, description="How many batches at the most.")
    cursor: str | None = Field(
        None, description="Where to go on: next_cursor or prev_cursor of an answer to this query."
    )


@blueprint.post("")
@requires(Role.CREATOR)
@documented(
    {202: Answer("Accepted: GET its address to see how far it is.", BatchShape, ("Location",))},
    body=BatchBody,
    texts=TEXTS,
    limit="max_batch_bytes",
    headers=("Idempotency-Key",),
    errors=(
        *("invalid_prompt", "invalid_template", "not_found", "model_not_found"),
        *("provider_not_configured", "busy", "idempotency_key_reused", "over_budget", "unpriced"),
    ),
)
def create(body: BatchBody | bytes) -> tuple[Response, int, dict[str, str]]:
    """Ask for up to 10,000 prompts as one, all or none: as JSON, as CSV, or one a line.

    CSV begins with the names of its columns, which are the fields of a prompt; `variables.NAME` is a
    variable of its template, and `input_images` are ids with spaces between. What is sent again
    with its key is the same when it is so to the byte.
    """
    digest = sha256(request.get_data()).hexdigest()
    once = _once(f"batch {request.mimetype} {digest}")
    batch_id = find_batch(once) if once else None
    if batch_id is None:
        batch_id = _submit(body, once)
    view = get_batch(batch_id)
    return _shown(view), 202, {"Location": _address(batch_id)}


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("A page.", BatchPage, ("Link",))}, query=BatchQuery)
def index(query: BatchQuery) -> Response:
    """All batches, newest first, each as it stands."""
    wanted = BatchFilter(query.project)
    cursor = Cursor.decode(query.cursor, wanted) if query.cursor else None
    found = batches_of(wanted, cursor, query.limit or current_settings().page_size)
    items = [_batch_json(each) for each in views_of(found.items)]
    return cursor_answer({"items": items}, found, wanted)


@blueprint.get("/<batch_id>")
@requires(Role.VIEWER)
@documented({200: Answer("The batch.", BatchShape)})
def show(batch_id: BatchId) -> Response:
    """One batch as it stands: how many generations are where, its cost so far, its speed."""
    return _shown(get_batch(batch_id))


@blueprint.post("/<batch_id>/cancel")
@requires(Role.CREATOR)
@documented({200: Answer("The rest of it is cancelled.", BatchShape)}, errors=("conflict",))
def cancel(batch_id: BatchId) -> Response:
    """End all of a batch that waits or runs: no image appears afterwards, and those it has stay."""
    return _shown(cancel_batch(batch_id))


@blueprint.post("/<batch_id>/retry")
@requires(Role.CREATOR)
@documented(
    {202: Answer("Accepted: GET its address to see how far it is.", BatchShape, ("Location",))},
    headers=("Idempotency-Key",),
    errors=(
        *("conflict", "not_found", "model_not_found", "provider_not_configured", "busy"),
        *("idempotency_key_reused", "over_budget", "unpriced", "invalid_input"),
    ),
)
def retry(batch_id: BatchId) -> tuple[Response, int, dict[str, str]]:
    """Ask again for all of a batch that failed or was cancelled: a new batch, each with `retry_of`.

    What may have been billed is asked for again, too, and may be billed again.
    """
    once = _once(f"retry batch {batch_id}")
    again = find_batch(once) if once else None
    if again is None:
        again = retry_batch(batch_id, key_holder().id, once).id
    return _shown(get_batch(again)), 202, {"Location": _address(again)}


def _address(batch_id: str) -> str:
    return url_for("api.batches.show", batch_id=batch_id)


def _submit(body: BatchBody | bytes, once: Once | None) -> str:
    key_id = key_holder().id
    if isinstance(body, bytes):
        requests = to_requests(READERS[request.mimetype](decoded(body)))
        return submit_batch(requests, api_key_id=key_id, once=once).id
    wanted = body.requests()
    return submit_batch(
        wanted, name=body.name, project=body.project, api_key_id=key_id, once=once
    ).id


def _once(asked: str) -> Once | None:
    key = request.headers.get(HEADER)
    return None if key is None else once_by(key_holder().id, key, asked)


def _shown(view: BatchView) -> Response:
    return jsonify(_batch_json(view))


def _batch_json(view: BatchView) -> dict[str, Any]:
    batch_id, root = view.batch.id, request.script_root
    links = {
        "self": _address(batch_id),
        "generations": f"{root}/api/generations?batch={batch_id}",
        "images": f"{root}/api/images?batch={batch_id}",
    }
    return {**batch_record(view), "links": links}
