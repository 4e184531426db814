"""JSON by pydantic's own writer: several times as quick as the standard library's."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from flask.json.provider import JSONProvider
from pydantic_core import to_json


class QuickJson(JSONProvider):
    """Writes fields in the order they were given, and text in its own script."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON."""
        return to_json(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what JSON says. Raises ValueError."""
        return json.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer with what `jsonify` was given."""
        body = self._prepare_response_obj(args, kwargs)
        return Response(to_json(body) + b"\n", mimetype="application/json")
