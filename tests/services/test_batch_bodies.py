"""Prompts as people write them down."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import InvalidInput
from app.services.batch_bodies import decoded, read_csv, read_lines, to_requests
from app.services.generation_request import GenerationRequest


def test_each_line_that_is_not_blank_is_a_prompt() -> None:
    requests = to_requests(read_lines("A fox\r\n\n  \nA hare\u2028in snow\nAn owl"))
    assert [each.prompt.strip() for each in requests] == ["A fox", "A hare\u2028in snow", "An owl"]


def test_the_columns_of_csv_are_the_fields_of_a_request() -> None:
    text = (
        "prompt,n,model,aspect_ratio,size,seed,template,project,input_images,variables.mood\n"
        '"A fox, a ""hare""\nand an owl",2,sketch-1,16:9,1K,7,oil,acme,17 18,blue\n'
    )
    assert to_requests(read_csv(text)) == [
        GenerationRequest(
            'A fox, a "hare"\nand an owl', 2, "sketch-1", "16:9", "1K", 7, "oil", {"mood": "blue"},
            "acme", (17, 18),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_what_is_blank_is_left_to_the_batch(sign: str) -> None:
    text = "prompt,n,size\nA fox,,1K\nA hare\n,,\n\n".replace(",", sign)
    first, second = to_requests(read_csv(text), {"n": 4, "size": "512", "seed": None})
    assert (first.prompt, first.n, first.size, first.seed) == ("A fox", 4, "1K", None)
    assert (second.prompt, second.n, second.size) == ("A hare", 4, "512")


def test_variables_are_put_together() -> None:
    asked = [{"prompt": "A fox", "variables": {"mood": "red"}}, {"prompt": "A hare"}]
    common = {"template": "oil", "variables": {"mood": "blue", "paper": "rough"}}
    first, second = to_requests(asked, common)
    assert first.variables == {"mood": "red", "paper": "rough"}
    assert second.variables == {"mood": "blue", "paper": "rough"}


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("", "body", "one of them is prompt"),
        ("words\nA fox\n", "body", "one of them is prompt"),
        ("prompt,colour\nA fox,red\n", "body", "no column 'colour'; there are prompt, model"),
        ("prompt,variables.a b\nA fox,red\n", "body", "no column 'variables.a b'"),
        ("prompt,n,n\nA fox,1,2\n", "body", "'n' is there twice"),
        ("prompt,n\nA fox,1\nA hare,two\n", "prompts.1.n", "Prompt 2: n is a whole number"),
        ("prompt,input_images\nA fox,a\n", "prompts.0.input_images", "ids with spaces"),
        ("prompt,n\nA fox, a hare,1\n", "prompts.0", "3 cells, but there are 2 columns"),
        ('prompt\n"A fox" or not\n', "body", "Line 2 is no CSV"),
        ('prompt\n"A fox\n', "body", "no CSV"),
    ],
)
def test_what_does_not_fit_is_named(text: str, field: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        read_csv(text)
    assert refused.value.field == field


def test_what_comes_after_one_too_many_is_not_read() -> None:
    fox, wrong = "A fox\n", "A fox,1\n"
    assert len(read_lines(fox * 10_005)) == 10_001
    assert len(read_csv(f"prompt\n{fox * 10_001}{wrong}")) == 10_001


@pytest.mark.parametrize("data", ["Füchse".encode(), "Füchse".encode("utf-8-sig")])
def test_text_is_utf_8_with_or_without_a_mark(data: bytes) -> None:
    assert decoded(data) == "Füchse"


def test_other_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not UTF-8"):
        decoded("Füchse".encode("latin-1"))


def test_what_is_left_out_is_the_default() -> None:
    plain: list[dict[str, Any]] = [{"prompt": "A fox", "n": None}]
    assert to_requests(plain) == [GenerationRequest("A fox")]
