"""/s/…: a proof sheet for whoever has its link, and nothing but that."""

from __future__ import annotations

import re
from http import HTTPStatus
from math import ceil
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from app.errors import Busy, Gone, InvalidInput, ProofsheetError, TooManyRequests
from app.services.proof_sheets import Mark, UnknownLink, open_sheet, save_marks
from app.services.proof_sheets.pictures import SheetFile, large_of, original_of, small_of
from app.services.rate_limits import RateLimits
from app.web.door import open_to_all
from app.web.rendering import page
from app.web.texts import TEXT
from app.web.texts import told as told_in

blueprint = Blueprint("sheet", __name__, url_prefix="/s")
KINDS = {"small": small_of, "large": large_of, "file": original_of}
# How long a browser keeps a large picture without asking; the page that shows it is asked for each time.
KEPT_SECONDS = 3600
# What a picture may do when it is opened by itself: be looked at.
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
# A word of 500 characters on each of 500 pictures, as a form writes them at the worst.
MOST_FORM_BYTES = 500 * 500 * 12 + 100_000
_WORD = re.compile("word-([0-9]{1,3})")


@blueprint.get("/<token>")
@open_to_all
def show(token: str) -> Response:
    """The sheet."""
    told = told_in(TEXT.sheet.told, request.args.get("told", ""))
    return page("sheet/index.html", sheet=open_sheet(token), token=token, told=told)


@blueprint.post("/<token>")
@open_to_all
def save(token: str) -> Response:
    """Keep the whole form: what a browser without scripts sends."""
    request.max_content_length = request.max_form_memory_size = MOST_FORM_BYTES
    shown = {each.number for each in open_sheet(token).pictures}
    marks = _marks_of(request.form)
    # A picture that was deleted since keeps nobody from saving the others.
    kept = {number: mark for number, mark in marks.items() if number in shown}
    save_marks(token, kept, request.form.get("guest"))
    return cast(Response, redirect(url_for(".show", token=token, told="saved"), 303))


@blueprint.post("/<token>/marks")
@open_to_all
def mark(token: str) -> Response:
    """Keep one mark, or the guest's name; tell how many pictures are picked."""
    form = request.form
    picked = {"true": True, "false": False}.get(form.get("picked", ""))
    number = form.get("number", type=int)
    marks = {} if number is None else {number: Mark(picked, form.get("word"))}
    return jsonify(picks=save_marks(token, marks, form.get("guest")))


@blueprint.get("/<token>/<int:number>/<kind>")
@open_to_all
def picture(token: str, number: int, kind: str) -> Response:
    """A picture of the sheet by its number: small, to look at, or in full where that was chosen.

    The small one stands in for the one to look at while too many of those are being worked out.
    """
    if kind not in KINDS:
        raise NotFound
    try:
        response = _sent(KINDS[kind](token, number), save=kind == "file")
    except Busy:
        if kind != "large":
            raise
        response = _sent(small_of(token, number), save=False)
        response.headers["Cache-Control"] = "no-store"
        del response.headers["ETag"]
        return response
    if kind == "large":
        # Nothing is worth more to be asked for once: the number's picture never changes.
        response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response


@blueprint.errorhandler(UnknownLink)
def unknown(error: UnknownLink) -> Response:
    """Tell who has a wrong link; who tries many has to wait, as with keys."""
    limits = cast(RateLimits, current_app.extensions["rate_limits"])
    try:
        limits.count_wrong_key(request.remote_addr)
    except TooManyRequests as wait:
        response = _closed(wait, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(wait.retry_after)
        return response
    return _closed(error, HTTPStatus.NOT_FOUND)


@blueprint.errorhandler(Busy)
def later(error: Busy) -> Response:
    """Tell who asks for a picture while too many others do."""
    response = _closed(error, HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(ceil(error.retry_after))
    return response


@blueprint.errorhandler(Gone)
def over(error: Gone) -> Response:
    """Tell who comes too late."""
    return _closed(error, HTTPStatus.GONE)


@blueprint.errorhandler(InvalidInput)
def refused(error: InvalidInput) -> Response:
    """Tell what cannot be kept."""
    return _closed(error, HTTPStatus.UNPROCESSABLE_ENTITY)


@blueprint.after_request
def keep_out(response: Response) -> Response:
    """Keep what a link shows out of search engines and shared caches."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _closed(error: ProofsheetError, status: int) -> Response:
    return page("sheet/closed.html", status, detail=str(error))


def _marks_of(form: MultiDict[str, str]) -> dict[int, Mark]:
    """Return what the form says of each picture that has a field in it."""
    picked = set(form.getlist("pick"))
    fields = {name: _WORD.fullmatch(name) for name in form}
    return {
        int(found[1]): Mark(found[1] in picked, form[name])
        for name, found in fields.items()
        if found
    }


def _sent(file: SheetFile, *, save: bool) -> Response:
    response = Response(mimetype=file.mime_type)
    response.set_etag(file.etag)
    way = "attachment" if save else "inline"
    response.headers["Content-Disposition"] = f'{way}; filename="{quote(file.name)}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    # Asked for again each time: a link that has ended shows nothing.
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains_weak(file.etag):
        response.status_code = HTTPStatus.NOT_MODIFIED
    else:
        response.set_data(file.read())
    return response
