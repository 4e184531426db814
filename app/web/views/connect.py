"""/connect: how other programs and assistants come here."""

from __future__ import annotations

import sys

from flask import Blueprint, Response, request

from app.extensions import current_settings
from app.models import Role
from app.services.provider_choice import provider_choice
from app.web.door import holder, needs
from app.web.examples import curl_example, gemini_example, mcp_example, openai_example
from app.web.rendering import page
from config import ROOT, variables

blueprint = Blueprint("connect", __name__, url_prefix="/connect")


@blueprint.get("")
@needs(Role.VIEWER)
def index() -> Response:
    """The addresses of this very server, and examples that can be copied."""
    address = str(current_settings().public_url or request.url_root).rstrip("/")
    model = provider_choice().catalog.default("gemini").name
    return page(
        "settings/connect.html",
        addresses={
            "openai": f"{address}/v1",
            "gemini": f"{address}/gemini",
            "api": f"{address}/api",
        },
        examples={
            "openai": openai_example(address),
            "curl": curl_example(address),
            "gemini": gemini_example(address, model),
            "mcp": _mcp(),
        },
    )


def _mcp() -> str:
    """Return the example for assistants; where things lie is only told to who may know."""
    if holder().role is not Role.ADMIN:
        return mcp_example(
            "/path/to/proofsheet/.venv/bin/python", "/path/to/proofsheet/manage.py", {}
        )
    instance = current_settings().instance
    usual = instance == ROOT / "instance"
    environment = {} if usual else {variables("instance")[0]: str(instance)}
    return mcp_example(sys.executable, str(ROOT / "manage.py"), environment)
