"""Roles: each may do what the ones before it may."""

from __future__ import annotations

import pytest

from app.models import Role


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("viewer", ["viewer"]),
        ("creator", ["viewer", "creator"]),
        ("admin", ["viewer", "creator", "admin"]),
    ],
)
def test_a_role_includes_the_ones_before_it(role: str, may: list[str]) -> None:
    assert [each.value for each in Role if Role(role).includes(each)] == may
