"""An answer on its way through."""

from __future__ import annotations

import gzip
import json

import pytest

from app.providers.base import ProviderBadAnswer
from app.providers.gemini_tee import Tee

SECRET = "AIza-the-key-of-ours"
TEXT = b'{"candidates": [{"content": "' + b"".join(b"%x" % (n**3) for n in range(900)) + b'"}]}'


def tee(encoding: str = "", *, unpack: bool = False, most_bytes: int = 1 << 20) -> Tee:
    return Tee(encoding=encoding, unpack=unpack, most_bytes=most_bytes, secret=SECRET)


def through(tee: Tee, data: bytes, step: int) -> bytes:
    pieces = [data[start : start + step] for start in range(0, len(data), step)]
    return b"".join([*map(tee.feed, pieces), tee.end()])


@pytest.mark.parametrize("step", [1, 7, 1000, 100_000])
def test_plain_bytes_go_on_as_they_came(step: int) -> None:
    plain = tee()
    assert through(plain, TEXT, step) == TEXT
    assert (bytes(plain.body), plain.packed) == (TEXT, False)


@pytest.mark.parametrize("step", [1, 7, 1000, 100_000])
def test_packed_bytes_go_on_as_they_came_and_are_read_unpacked(step: int) -> None:
    packed = tee("gzip")
    data = gzip.compress(TEXT)
    assert through(packed, data, step) == data
    assert (bytes(packed.body), packed.packed) == (TEXT, True)


def test_who_takes_no_gzip_gets_it_unpacked() -> None:
    packed = tee("gzip", unpack=True)
    assert through(packed, gzip.compress(TEXT), 100) == TEXT
    assert not packed.packed


def test_bytes_go_on_at_once_and_not_at_the_end() -> None:
    plain = tee()
    assert plain.feed(b'data: {"a": 1}\r\n\r\n') == b'data: {"a": 1}\r\n\r\n'


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("step", [1, 5, 1000])
def test_the_key_never_goes_on_not_even_in_pieces(encoding: str, step: int) -> None:
    said = b'{"words": "the key is ' + SECRET.encode() + b'"}'
    if encoding:
        # Stored, not squeezed: each byte of the key comes as itself.
        said = gzip.compress(said, 0)
    guarded = tee(encoding)
    gone: list[bytes] = []
    with pytest.raises(ProviderBadAnswer, match="names the API key"):
        gone.extend(guarded.feed(said[start : start + step]) for start in range(0, len(said), step))
    assert SECRET.encode()[:2] not in b"".join(gone)


def escaped(letter: str) -> str:
    return f"\\u{ord(letter):04X}"


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("step", [1, 5, 1000])
@pytest.mark.parametrize(
    "spelt",
    [
        escaped(SECRET[0]) + SECRET[1:],
        SECRET[:9] + escaped(SECRET[9]).lower() + SECRET[10:],
        "".join(map(escaped, SECRET)),
        json.dumps("".join(map(escaped, SECRET)))[1:-1],
    ],
)
def test_the_key_never_goes_on_in_letters_spelt_otherwise(
    spelt: str, encoding: str, step: int
) -> None:
    said = b'{"words": "1\\n2 \\u00e4 ' + spelt.encode() + b'"}'
    if encoding:
        said = gzip.compress(said, 0)
    guarded = tee(encoding)
    gone: list[bytes] = []
    with pytest.raises(ProviderBadAnswer, match="names the API key"):
        gone.extend(guarded.feed(said[start : start + step]) for start in range(0, len(said), step))
    assert spelt.encode()[:6] not in b"".join(gone)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_other_escapes_go_on_as_they_came(step: int) -> None:
    said = (
        rb'{"a": "\u0041\u0049za\u002dno \\\\u0041 \n \/ \"", "b": "AIza-the-key\u002dno'
        + b"\\" * 9
    )
    assert through(tee(), said, step) == said


def test_what_only_begins_like_the_key_goes_on_later() -> None:
    plain = tee()
    assert plain.feed(b"words AIza-the-k") == b"words "
    assert plain.feed(b"ing") == b"AIza-the-king"
    assert plain.feed(b" AIza") + plain.end() == b" AIza"
    assert plain.end() == b""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"never packed", "garbled"),
        (gzip.compress(TEXT)[:-30], "cut off"),
        (gzip.compress(TEXT) + b"more", "after its end"),
        (gzip.compress(b"x" * 2_000_000), "over 1,048,576 bytes"),
    ],
)
def test_bad_gzip_is_a_bad_answer(data: bytes, words: str) -> None:
    with pytest.raises(ProviderBadAnswer, match=words):
        through(tee("gzip"), data, 1 << 16)


def test_an_answer_may_not_be_endless() -> None:
    with pytest.raises(ProviderBadAnswer, match="over 10 bytes"):
        tee(most_bytes=10).feed(b"01234567890")


def test_only_what_was_asked_for_is_unpacked() -> None:
    with pytest.raises(ProviderBadAnswer, match="nobody asked"):
        tee("br")
