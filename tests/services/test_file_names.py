"""Names of files made from prompts."""

from __future__ import annotations

import unicodedata
from pathlib import PureWindowsPath

import pytest

from app.services.file_names import ascii_file_name, file_name

HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "C:\\x",
    ".hidden",
    "a\r\nSet-Cookie: x=1",
    'a"; filename="b.exe',
    "a%2F..%5Cb",
    "con",
    "NUL.png",
    "com¹",
    "fox\u202egnp.exe",
    "\u202e",
    "a\0b",
    "\ud800",
    "trailing. . .",
    "-rf *",
    "~/x",
    "",
    "🦊" * 300,
    "\u0301" * 300,
]


def names(prompt: str) -> tuple[str, str]:
    return file_name(7, prompt, "image/png"), ascii_file_name(7, prompt, "image/png")


@pytest.mark.parametrize(
    ("prompt", "full", "plain"),
    [
        ("A fox", "a-fox-7.png", "a-fox-7.png"),
        ("  Größe: É!  ", "größe-é-7.png", "grosse-e-7.png"),
        ("É", "é-7.png", "e-7.png"),
        ("狐 🦊 日本", "狐-日本-7.png", "image-7.png"),
        ("हिन्दी में लोमड़ी", "हिन्दी-में-लोमड़ी-7.png", "image-7.png"),
        ("ثعلب ۳", "ثعلب-۳-7.png", "image-7.png"),
        ("🦊", "image-7.png", "image-7.png"),
        ("snake_case, 16:9", "snake-case-16-9-7.png", "snake-case-16-9-7.png"),
        ("soft\u00adhyphen", "softhyphen-7.png", "softhyphen-7.png"),
        ("../../etc/passwd", "etc-passwd-7.png", "etc-passwd-7.png"),
        ("CON", "con-7.png", "con-7.png"),
        ('a"; filename="b.exe', "a-filename-b-exe-7.png", "a-filename-b-exe-7.png"),
    ],
)
def test_a_name_is_the_words_in_their_script_and_the_id(prompt: str, full: str, plain: str) -> None:
    assert names(prompt) == (full, plain)


@pytest.mark.parametrize("prompt", HOSTILE)
def test_no_prompt_makes_a_name_that_does_harm(prompt: str) -> None:
    for name in names(prompt):
        assert name.endswith("-7.png")
        assert name[0] not in ".-~ "
        stem = name.removesuffix(".png")
        assert all(unicodedata.category(each)[0] in "LMN" or each == "-" for each in stem)
        assert PureWindowsPath(name).name == name
        assert not PureWindowsPath(name).is_reserved()


@pytest.mark.parametrize("letter", ["x", "é", "狐", "𐍈", "\u0915\u093f"])
def test_a_name_is_bounded_in_bytes_and_no_letter_is_cut(letter: str) -> None:
    words = names(letter * 500)[0].removesuffix("-7.png")
    assert words == letter * (96 // len(letter.encode()))


def test_a_name_that_is_cut_ends_with_a_letter() -> None:
    assert names("a" * 95 + " b")[0] == "a" * 95 + "-7.png"


@pytest.mark.parametrize(
    ("mime_type", "ending"),
    [("image/jpeg", ".jpg"), ("image/avif", ".avif"), ("image/webp", ".webp"), ("x/y", "")],
)
def test_the_ending_tells_the_type(mime_type: str, ending: str) -> None:
    assert file_name(7, "a", mime_type) == f"a-7{ending}"


def test_files_of_one_image_are_told_apart() -> None:
    assert file_name(7, "a", "image/webp", "320") == "a-7-320.webp"
