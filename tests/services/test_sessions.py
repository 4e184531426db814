"""Sessions: opened by a key or a code, ended by time, by their owner, or with their key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.errors import NotFound
from app.extensions import db
from app.models import LoginCode, Role, WebSession
from app.models.types import utc_now
from app.services.keys import create_key, revoke_key
from app.services.login_links import login_link
from app.services.sessions import (
    holder_of_session,
    log_in,
    log_out,
    log_out_others,
    make_login_code,
)

DAY = timedelta(days=1)


@pytest.fixture
def serves() -> bool:
    """Services need no routes."""
    return False


@pytest.fixture
def key(context: Flask) -> tuple[int, str]:
    """A live key: its id and itself."""
    made, token = create_key("laptop", Role.CREATOR)
    return made.id, token


def end_in(seconds: float) -> None:
    moment = utc_now() + timedelta(seconds=seconds)
    db.session.execute(update(WebSession).values(expires_at=moment))
    db.session.execute(update(LoginCode).values(expires_at=moment))
    db.session.commit()


def test_a_key_opens_a_session_in_its_name(key: tuple[int, str]) -> None:
    token = log_in(key[1])
    holder = holder_of_session(token or "")
    assert holder is not None
    assert (holder.id, holder.name, holder.role) == (key[0], "laptop", Role.CREATOR)


def test_a_code_opens_a_session_once(key: tuple[int, str]) -> None:
    code = make_login_code(key[0])
    assert holder_of_session(log_in(code) or "") is not None
    assert log_in(code) is None


def test_a_code_out_of_date_opens_nothing(key: tuple[int, str]) -> None:
    code = make_login_code(key[0])
    end_in(-1)
    assert log_in(code) is None


def test_a_code_of_a_revoked_key_opens_nothing(key: tuple[int, str]) -> None:
    code = make_login_code(key[0])
    revoke_key("laptop")
    assert log_in(code) is None


@pytest.mark.parametrize("secret", ["", "ps_wrong", "\x00", "\ud800", "x" * 1000])
def test_what_is_neither_key_nor_code_opens_nothing(context: Flask, secret: str) -> None:
    assert log_in(secret) is None
    assert holder_of_session(secret) is None


def test_neither_sessions_nor_codes_are_kept_as_they_are(key: tuple[int, str]) -> None:
    secrets = [log_in(key[1]), make_login_code(key[0])]
    kept = [
        *db.session.scalars(select(WebSession.sha256)),
        *db.session.scalars(select(LoginCode.sha256)),
    ]
    assert len(kept) == 2
    assert not set(secrets) & set(kept)


def test_a_session_ends_with_its_key(key: tuple[int, str]) -> None:
    token = log_in(key[1]) or ""
    revoke_key("laptop")
    assert holder_of_session(token) is None


def test_a_session_ends_when_it_was_not_used_for_long(key: tuple[int, str]) -> None:
    token = log_in(key[1]) or ""
    end_in(-1)
    assert holder_of_session(token) is None


def test_use_prolongs_a_session(key: tuple[int, str]) -> None:
    token = log_in(key[1]) or ""
    end_in(60)
    assert holder_of_session(token) is not None
    assert db.session.scalars(select(WebSession.expires_at)).one() > utc_now() + 29 * DAY


def test_logging_in_forgets_sessions_that_have_ended(key: tuple[int, str]) -> None:
    log_in(key[1])
    end_in(-1)
    log_in(key[1])
    assert len(db.session.scalars(select(WebSession)).all()) == 1


def test_who_logs_out_is_out(key: tuple[int, str]) -> None:
    first, second = (log_in(key[1]) or "" for _ in range(2))
    log_out(first)
    assert holder_of_session(first) is None
    assert holder_of_session(second) is not None


def test_the_other_sessions_of_a_key_can_be_ended(key: tuple[int, str]) -> None:
    here, *others = (log_in(key[1]) or "" for _ in range(3))
    assert log_out_others(key[0], here) == 2
    assert holder_of_session(here) is not None
    assert [holder_of_session(each) for each in others] == [None, None]


def test_a_link_without_a_key_is_for_the_oldest_live_admin(context: Flask) -> None:
    create_key("first", Role.ADMIN)
    create_key("second", Role.ADMIN)
    revoke_key("first")
    code = login_link("http://localhost:8000/").removeprefix("http://localhost:8000/login#")
    holder = holder_of_session(log_in(code) or "")
    assert holder is not None
    assert holder.name == "second"


def test_without_an_admin_key_there_is_no_link(key: tuple[int, str]) -> None:
    with pytest.raises(NotFound, match="keys create"):
        login_link("http://localhost:8000")
