"""Signatures of messages, as Standard Webhooks has them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import SecretStr

from app.services.webhooks.signing import signed_headers
from config import ROOT, webhook_key

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def headers() -> dict[str, str]:
    return signed_headers(
        webhook_key(SecretStr(SECRET)), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY
    )


def test_the_signature_is_that_of_the_specifications_example() -> None:
    assert headers() == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.fixture
def is_genuine() -> Any:
    """What the README tells receivers to check."""
    text = (ROOT / "README.md").read_text()
    [code] = [
        each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "hmac" in each
    ]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own
    return names["is_genuine"]


def test_the_lines_of_the_readme_know_what_is_genuine(is_genuine: Any) -> None:
    assert is_genuine(SECRET, headers(), BODY)


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({}, b"{}"),
        ({"webhook-id": "msg_other"}, BODY),
        ({"webhook-timestamp": "1614265331"}, BODY),
        ({"webhook-signature": "v1,AAAA"}, BODY),
    ],
)
def test_and_what_is_not(is_genuine: Any, changes: dict[str, str], body: bytes) -> None:
    assert not is_genuine(SECRET, {**headers(), **changes}, body)
