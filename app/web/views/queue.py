"""/queue: what waits, runs and has just ended badly, and what can be done about it."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.blueprints import BlueprintSetupState

from app.models import Role
from app.services.batch_retry import retry_batch
from app.services.batches import cancel_batch, find_batch
from app.services.generation_changes import cancel_generation, retry_generation
from app.services.idempotency import find, once
from app.services.queue.board import Board, Seen
from app.web.door import holder, needs, wants_fragment
from app.web.pace import Pace
from app.web.queue import DISMISSED, NAME, board, queue_context, shown, with_dismissed
from app.web.rendering import page

blueprint = Blueprint("queue", __name__)
DAY = 24 * 3600
MADE = "queue_cards"
PACE = "queue_pace"
MOST_MADE = 200
_ULID = 26


@blueprint.record
def _make_board(state: BlueprintSetupState) -> None:
    state.app.extensions[NAME] = Board()
    state.app.extensions[MADE] = {}
    state.app.extensions[PACE] = Pace()


@blueprint.get("/queue")
@needs(Role.VIEWER)
def index() -> Response:
    """The queue; to a script that has it as it is (`v`), 204, and when to look again."""
    if not wants_fragment():
        return page("queue/index.html", **queue_context(holder()))
    known = request.args.get("v")
    # Without `v` somebody has just changed something, and wants to see that.
    seen = board().seen() if known else board().look()
    if known == seen.revision:
        response = Response(status=204)
    else:
        response = _cards(seen)
        response.headers["X-Pictures"] = ",".join(map(str, seen.queue.pictures))
    response.headers["X-Revision"] = seen.revision
    active = seen.queue.active
    pause = current_app.extensions[PACE].pause(active=active)
    response.headers["X-Active"] = "1" if active else "0"
    response.headers["X-Pause"] = str(round(pause * 1000))
    response.headers["Cache-Control"] = "no-store"
    return response


def _cards(seen: Seen) -> Response:
    """Return the cards; many pages of one person are answered by what was made for the first."""
    made: dict[tuple[object, ...], bytes] = current_app.extensions[MADE]
    of = seen.revision, holder().id, holder().role, request.cookies.get(DISMISSED)
    cards = made.get(of)
    if cards is None:
        if len(made) >= MOST_MADE or any(each[0] != seen.revision for each in list(made)):
            made.clear()
        cards = made[of] = page("queue/_cards.html", queue=shown(seen, holder())).get_data()
    return Response(cards, mimetype="text/html")


@blueprint.post("/queue/<generation_id>/cancel")
@needs(Role.CREATOR)
def cancel(generation_id: str) -> Response:
    """End a generation that waits or runs; the pictures that it has stay."""
    cancel_generation(generation_id)
    return _done()


@blueprint.post("/queue/<generation_id>/retry")
@needs(Role.CREATOR)
def retry(generation_id: str) -> Response:
    """Ask again for what failed, once however often the button is pressed; its card goes."""
    asked = once(holder().id, f"page-retry-{generation_id}", f"retry {generation_id}")
    if find(asked) is None:
        retry_generation(generation_id, holder().id, asked)
    return _done(generation_id)


@blueprint.post("/queue/<generation_id>/dismiss")
@needs(Role.CREATOR)
def dismiss(generation_id: str) -> Response:
    """Show what failed no longer on this device."""
    return _done(generation_id)


@blueprint.post("/queue/batches/<batch_id>/cancel")
@needs(Role.CREATOR)
def cancel_all(batch_id: str) -> Response:
    """End all of a batch that waits or runs."""
    cancel_batch(batch_id)
    return _done()


@blueprint.post("/queue/batches/<batch_id>/retry")
@needs(Role.CREATOR)
def retry_all(batch_id: str) -> Response:
    """Ask again for all of a batch that failed, once however often the button is pressed."""
    asked = once(holder().id, f"page-retry-{batch_id}", f"retry {batch_id}")
    if find_batch(asked) is None:
        retry_batch(batch_id, holder().id, asked)
    return _done(batch_id)


@blueprint.post("/queue/batches/<batch_id>/dismiss")
@needs(Role.CREATOR)
def dismiss_all(batch_id: str) -> Response:
    """Show a batch that is over no longer on this device."""
    return _done(batch_id)


def _done(*gone: str) -> Response:
    """Return to the page; have cards stay away from now on."""
    if wants_fragment():
        response = Response(status=204)
    else:
        target = url_for("web.gallery.index", _anchor="queue")
        response = cast(Response, redirect(target, 303))
    # Nothing else may be in the cookie, whatever the address was.
    ids = [each for each in gone if each.isalnum() and len(each) == _ULID]
    if ids:
        response.set_cookie(
            DISMISSED, with_dismissed(ids), max_age=DAY, httponly=True, samesite="Lax"
        )
    return response
