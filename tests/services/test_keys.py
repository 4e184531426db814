"""Keys: made, told once, found by their hash, revoked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import inspect

from app.errors import Conflict, InvalidInput, NotFound
from app.extensions import db
from app.models import ApiKey, Role
from app.models.types import utc_now
from app.services.keys import (
    KeyHolder,
    authenticate,
    create_key,
    list_keys,
    live_admin_exists,
    revoke_key,
    revoke_key_by_id,
)
from tests.models.samples import ON_SQLITE


@pytest.mark.parametrize("role", list(Role))
def test_a_new_key_opens_the_door_for_its_role(context: Flask, role: Role) -> None:
    key, token = create_key("Ada", role)
    assert authenticate(token) == KeyHolder(key.id, "Ada", role)


def test_a_key_itself_is_kept_nowhere(context: Flask) -> None:
    key, token = create_key("Ada", Role.VIEWER)
    values = [str(getattr(key, column.key)) for column in inspect(ApiKey).column_attrs]
    assert token.startswith("ps_")
    assert len(token) > 40
    assert not any(token[9:] in value for value in values)
    assert token.startswith(key.prefix)


def test_what_is_no_key_opens_nothing(context: Flask) -> None:
    create_key("Ada", Role.ADMIN)
    for token in ("", "ps_", "ps_wrong", "\0", "\ud800", "é" * 10_000):
        assert authenticate(token) is None


@ON_SQLITE
def test_a_hash_is_no_key(context: Flask) -> None:
    key, _ = create_key("Ada", Role.ADMIN)
    assert authenticate(key.sha256) is None


def test_a_revoked_key_opens_nothing_any_more(context: Flask) -> None:
    _, token = create_key("Ada", Role.ADMIN)
    assert revoke_key("Ada").revoked_at is not None
    db.session.rollback()
    assert authenticate(token) is None
    with pytest.raises(NotFound):
        revoke_key("Ada")


@ON_SQLITE
@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "a\0", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(context: Flask, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_key(name, Role.VIEWER)
    assert caught.value.field == "name"
    assert list_keys() == []


def test_a_name_that_is_not_there_cannot_be_revoked(context: Flask) -> None:
    for name in ("", "nobody", "a\0", "\ud800", "x" * 1000):
        with pytest.raises(NotFound):
            revoke_key(name)


def test_a_live_name_is_taken_until_it_is_revoked(context: Flask) -> None:
    create_key("Ada", Role.VIEWER)
    with pytest.raises(Conflict, match="already"):
        create_key(" Ada ", Role.ADMIN)
    revoke_key("Ada")
    create_key("Ada", Role.ADMIN)
    assert [(key.name, key.revoked_at is None) for key in list_keys()] == [
        ("Ada", False),
        ("Ada", True),
    ]


def test_an_admin_is_live_until_revoked(context: Flask) -> None:
    create_key("Ada", Role.CREATOR)
    assert not live_admin_exists()
    create_key("Grace", Role.ADMIN)
    assert live_admin_exists()
    revoke_key("Grace")
    assert not live_admin_exists()


def test_the_last_use_is_written_now_and_then(context: Flask) -> None:
    key, token = create_key("Ada", Role.VIEWER)
    authenticate(token)
    first = last_use(key.id)
    authenticate(token)
    assert last_use(key.id) == first
    key.last_used_at = utc_now() - timedelta(minutes=11)
    db.session.commit()
    authenticate(token)
    assert last_use(key.id) > first


def last_use(key_id: int) -> datetime:
    db.session.rollback()
    found = db.session.get_one(ApiKey, key_id).last_used_at
    assert found is not None
    return found


def test_a_live_name_is_given_once_even_when_two_ask_at_once(context: Flask) -> None:
    def ask() -> bool:
        with context.app_context():
            try:
                create_key("laptop", Role.VIEWER)
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: ask(), range(8))) == 1


def test_the_last_live_admin_is_not_revoked_by_id(context: Flask) -> None:
    create_key("Grace", Role.CREATOR)
    key, token = create_key("Ada", Role.ADMIN)
    with pytest.raises(Conflict, match="last live admin"):
        revoke_key_by_id(key.id)
    assert authenticate(token) is not None


def test_two_admins_who_are_revoked_at_once_do_not_both_go(context: Flask) -> None:
    for _ in range(5):
        ids = [create_key(name, Role.ADMIN)[0].id for name in ("Ada", "Grace")]
        together = Barrier(2)

        def revoke(key_id: int, together: Barrier = together) -> bool:
            with context.app_context():
                live_admin_exists()  # connects
                together.wait()
                try:
                    revoke_key_by_id(key_id)
                except Conflict:
                    return False
                return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(revoke, ids)) == [False, True]
        db.session.rollback()
        [left] = [key.name for key in list_keys() if key.revoked_at is None]
        revoke_key(left)
