"""`manage.py keys`."""

from __future__ import annotations

import json

from flask import Flask

from app.models import Role
from app.services.keys import authenticate
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE


def test_a_key_is_printed_once_alone_on_stdout(run: Run, app: Flask) -> None:
    done = run("keys", "create", "laptop", "--role", "viewer")
    assert done.exit_code == 0
    with app.app_context():
        holder = authenticate(done.stdout.strip())
    assert holder is not None
    assert (holder.name, holder.role) == ("laptop", Role.VIEWER)


def test_the_list_tells_everything_but_the_keys(run: Run) -> None:
    token = run("keys", "create", "laptop").stdout.strip()
    shown = run("keys", "list").stdout
    assert "laptop" in shown
    assert "creator" in shown
    assert token not in shown
    [key] = json.loads(run("keys", "list", "--json").stdout)
    assert (key["name"], key["revoked_at"], key["prefix"]) == ("laptop", None, token[:9])
    assert "token" not in key
    assert json.loads(run("keys", "create", "phone", "--json").stdout)["token"][:3] == "ps_"
    assert run("keys", "list", "--quiet").stdout == "laptop\nphone\n"


def test_a_revoked_key_works_no_longer_and_its_name_is_free(run: Run, app: Flask) -> None:
    token = run("keys", "create", "laptop").stdout.strip()
    assert run("keys", "revoke", "laptop").exit_code == 2, "nobody can be asked"
    assert run("keys", "revoke", "laptop", "--yes").stdout == "laptop is revoked.\n"
    with app.app_context():
        assert authenticate(token) is None
    assert run("keys", "create", "laptop").exit_code == 0


def test_a_name_that_is_taken_blank_or_unknown_is_refused(run: Run) -> None:
    run("keys", "create", "laptop")
    assert "already" in run("keys", "create", "laptop").stderr
    assert run("keys", "create", " ").exit_code == 2
    assert run("keys", "create", "x", "--role", "king").exit_code == 2
    assert run("keys", "revoke", "phone").exit_code == 1


def test_a_key_may_have_a_limit_of_its_own(run: Run) -> None:
    assert run("keys", "create", "slow", "--requests-per-minute", "7").exit_code == 0
    [key] = json.loads(run("keys", "list", "--json").stdout)
    assert key["requests_per_minute"] == 7
    for limit in ("0", "1000001", "many"):
        assert run("keys", "create", "none", "--requests-per-minute", limit).exit_code == 2


def test_a_key_may_have_budgets_of_its_own(run: Run) -> None:
    run("keys", "create", "laptop", "--daily-budget", "5.5")
    assert run("keys", "set", "laptop", "--monthly-budget", "50").stdout == (
        "The budgets of laptop: daily as before, monthly 50.\n"
    )
    [key] = json.loads(run("keys", "list", "--json").stdout)
    assert (key["daily_budget_usd"], key["monthly_budget_usd"]) == (5.5, 50.0)
    lifted = run("keys", "set", "laptop", "--daily-budget", "none", "--json").stdout
    assert json.loads(lifted)["daily_budget_usd"] is None
    [key] = json.loads(run("keys", "list", "--json").stdout)
    assert (key["daily_budget_usd"], key["monthly_budget_usd"]) == (None, 50.0)


@ON_SQLITE
def test_what_is_no_budget_is_refused(run: Run) -> None:
    run("keys", "create", "laptop")
    for amount in ("-1", "much", "NaN", "Infinity", "1000001", "", "5,5"):
        done = run("keys", "set", "laptop", "--daily-budget", amount)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1), amount
    assert run("keys", "set", "phone", "--daily-budget", "5").exit_code == 1
