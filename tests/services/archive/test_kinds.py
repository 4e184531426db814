"""The fields of an export are described for those who read it."""

from __future__ import annotations

import re

import pytest

from app.services.archive import kinds
from config import ROOT


@pytest.mark.parametrize(
    "kind", ["IMAGE", "GENERATION", "BATCH", "TEMPLATE", "SEARCH", "KEY", "PROMPT", "PURGED"]
)
def test_every_field_is_described(kind: str) -> None:
    described = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "export.md").read_text()))
    assert {column.key for column in getattr(kinds, kind)} <= described
