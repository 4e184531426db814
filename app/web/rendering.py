"""Pages and parts of pages from templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, g, make_response, render_template, request
from markupsafe import Markup

from app import __version__
from app.extensions import current_settings
from app.models import Role
from app.web import assets, moments, numbers, texts
from app.web.door import wants_fragment
from app.web.look import look


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page. Its template finds who is logged in as `me`, or None, and what they may do."""
    holder = g.get("key_holder")
    role = holder.role if holder else None
    response = make_response(
        render_template(
            template,
            **context,
            me=holder,
            can_create=role is not None and role.includes(Role.CREATOR),
            is_admin=role is Role.ADMIN,
        )
    )
    response.status_code = status
    return response


def page_or_fragment(whole: str, part: str, status: int = 200, **context: Any) -> Response:
    """Return the page `whole`, or, to a script that asks for it, the `part` of it that changes."""
    return page(part if wants_fragment() else whole, status, **context)


def icon(name: str) -> Markup:
    """Return a picture of our own from the sheet of icons."""
    return Markup('<svg aria-hidden="true" class="icon"><use href="{}#{}"/></svg>').format(
        assets.address("icons.svg"), name
    )


def time_tag(moment: datetime) -> Markup:
    """Return a moment in the owner's time zone, for people and for programs."""
    local = moment.astimezone(current_settings().zone)
    return Markup('<time datetime="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), moments.date_and_time(local)
    )


def picture(image_id: int, sha256: str, size: int | None = None) -> str:
    """Return the address of a picture, or of its thumbnail of 320 or 640 pixels.

    It names these very bytes, so that the browser need ask for them once only.
    """
    kind = "file?" if size is None else f"thumbnail?size={size}&"
    return f"{request.script_root}/api/images/{image_id}/{kind}v={sha256[:12]}"


GLOBALS = {
    "asset": assets.address,
    "modules_of": assets.modules_of,
    "icon": icon,
    "look": look,
    "picture": picture,
    "say": texts.say,
    "text": texts.TEXT,
    "time_tag": time_tag,
    "money": numbers.money,
    "number": numbers.whole,
    "short": numbers.short,
    "file_size": numbers.file_size,
    "seconds": numbers.seconds,
    "version": __version__,
}
