"""Tables as CSV."""

from __future__ import annotations

import csv
import io

import pytest

from app.services.csv_text import cell, csv_lines


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
)
def test_a_text_that_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, 0.5, -0.25, "A fox", "a=b", " -", "", None])
def test_numbers_and_harmless_texts_stay_as_they_are(value: object) -> None:
    assert cell(value) is value


def test_lists_names_and_truth_are_told_as_text() -> None:
    assert cell(["=1", "sea"]) == "'=1, sea"
    assert cell({"paper": "rauh, weiß"}) == '{"paper": "rauh, weiß"}'
    assert cell([{"id": 1}]) == '[{"id": 1}]'
    assert cell(True) == "true"


def test_rows_are_read_back_as_they_were() -> None:
    rows = [["1", 'say "fox", twice\nover'], ["", "y"]]
    text = "".join(csv_lines(["a", "b"], [[1, rows[0][1]], [None, "y"]]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], *rows]
    assert text.endswith("\r\n")
