"""What other programs say of their pictures."""

from __future__ import annotations

import json
import zlib

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from app.imaging import text_chunks
from app.imaging.exif_texts import user_comment
from app.imaging.text_chunks import png_texts
from app.services.archive.foreign import Told, told_by, told_by_comment, told_by_record
from tests.pictures import picture

GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": ["5", 0], "clip": ["1", 1]}},
    "3": {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "a dog, which is longer than the other"},
    },
    "4": {
        "class_type": "KSampler",
        "inputs": {"seed": 5, "positive": ["2", 0], "negative": ["3", 0]},
    },
    "5": {"class_type": "PrimitiveString", "inputs": {"value": "a fox"}},
}
FOOOCUS = {"prompt": "a fox", "base_model": "juggernautXL", "seed": "5", "steps": 30}
CIRCLE = {
    "1": {"inputs": {"positive": ["2", 0]}},
    "2": {"inputs": {"conditioning": ["2", 0]}},
    "3": {"inputs": {"positive": [[], 0]}},
}


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"parameters": "a fox"}, Told("a fox")),
        (
            {
                "parameters": "a fox,\noil\nNegative prompt: dog\nSteps: 20, Seed: 5, Model: m x, V: 1"
            },
            Told("a fox,\noil", "m x", 5),
        ),
        (
            {"parameters": "a fox\nSteps: 20, Model hash: ab, Seed: 99999999999999999999"},
            Told("a fox"),
        ),
        (
            {"parameters": json.dumps({"sui_image_params": {"prompt": "a fox", "seed": 5}})},
            Told("a fox", None, 5),
        ),
        (
            {"parameters": json.dumps(FOOOCUS), "fooocus_scheme": "fooocus"},
            Told("a fox", "juggernautXL", 5),
        ),
        ({"prompt": json.dumps(GRAPH)}, Told("a fox", "sdxl.safetensors", 5)),
        ({"prompt": json.dumps(CIRCLE)}, None),
        ({"prompt": "a fox"}, Told("a fox")),
        ({"prompt": "[1]"}, None),
        ({"prompt": "[" * 100_000}, Told("[" * 100_000)),
        (
            {
                "invokeai_metadata": '{"positive_prompt": "a fox", "seed": 5, "model": {"name": "m"}}'
            },
            Told("a fox", "m", 5),
        ),
        (
            {"sd-metadata": '{"model_weights": "m", "image": {"prompt": [{"prompt": "a fox"}]}}'},
            Told("a fox", "m"),
        ),
        ({"Dream": '"a fox" -s 50 -S 5'}, Told("a fox", None, 5)),
        ({"Comment": '{"prompt": "a fox", "seed": 5}', "Description": "b"}, Told("a fox", None, 5)),
        ({"Comment": "Made with GIMP", "Description": "a fox"}, Told("a fox")),
        ({"Comment": "Made with GIMP"}, None),
        ({"parameters": " ", "Software": "x"}, None),
        ({}, None),
    ],
)
def test_each_says_it_in_a_way_of_its_own(texts: dict[str, str], told: Told | None) -> None:
    assert told_by(texts) == told


def test_a_record_says_it_by_name() -> None:
    assert told_by_record({"prompt": "", "caption": "a fox", "seed": True}) == Told("a fox")
    assert told_by_record({"prompt": 5}) is None


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def with_chunks(*chunks: bytes) -> bytes:
    whole = picture()
    return whole[:33] + b"".join(chunks) + whole[33:]


def test_texts_are_read_from_all_three_kinds_of_chunks() -> None:
    info = PngInfo()
    info.add_text("plain", "schön")
    info.add_text("packed", "süß", zip=True)
    info.add_itxt("wide", "狐", lang="ja")
    info.add_itxt("wide and packed", "狐狸", zip=True)
    texts = png_texts(picture(pnginfo=info))
    expected = {"plain": "schön", "packed": "süß", "wide": "狐", "wide and packed": "狐狸"}
    assert texts == expected


@pytest.mark.parametrize(
    "content",
    [
        chunk(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(text_chunks.LONGEST + 1))),
        chunk(b"zTXt", b"cut\0\0" + zlib.compress(b"fox" * 99)[:10]),
        chunk(b"zTXt", b"no zlib\0\0fox"),
        chunk(b"tEXt", b"no text"),
        chunk(b"tEXt", b""),
        chunk(b"tEXt", b"long\0" + bytes(text_chunks.LONGEST)),
        b"\xff\xff\xff\xfftEXtx\0y",
    ],
)
def test_what_is_damaged_or_beyond_measure_is_left_out(content: bytes) -> None:
    assert png_texts(with_chunks(chunk(b"tEXt", b"first\0fox"), content)) == {"first": "fox"}


def test_only_a_png_has_such_texts() -> None:
    assert png_texts(picture("JPEG")) == {}
    assert png_texts(b"") == {}


WORDS = "a fox, schön\nNegative prompt: 狐\nSteps: 20, Seed: 5, Model: m"


def with_comment(file_format: str, comment: bytes | str, *, below: bool = True) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "longer than four"
    (exif.get_ifd(ExifTags.IFD.Exif) if below else exif)[ExifTags.Base.UserComment] = comment
    return picture(file_format, exif=exif)


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + WORDS.encode("utf-16-be"),
        b"UNICODE\0" + WORDS.encode("utf-16-le"),
        b"UNICODE\0" + WORDS.encode("utf-16"),
        b"ASCII\0\0\0" + WORDS.encode(),
        bytes(8) + WORDS.encode(),
        WORDS.encode() + b"\0",
    ],
)
def test_the_comment_in_exif_is_read(file_format: str, comment: bytes) -> None:
    told = told_by_comment(user_comment(with_comment(file_format, comment)) or "")
    assert told == Told("a fox, schön", "m", 5)


def test_fooocus_puts_its_comment_where_none_belongs() -> None:
    data = with_comment("JPEG", json.dumps(FOOOCUS), below=False)
    assert told_by_comment(user_comment(data) or "") == Told("a fox", "juggernautXL", 5)


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "PNG"])
def test_exif_that_is_cut_or_none_is_no_prompt(file_format: str) -> None:
    whole = with_comment(file_format, WORDS.encode())
    for end in range(0, len(whole), 7):
        user_comment(whole[:end])
    assert user_comment(picture(file_format)) is None
    assert told_by_comment("Taken by a camera") is None
