"""Tables as CSV that spreadsheets can open: no cell of it is taken for a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

# What a spreadsheet takes for the beginning of a formula, or skips before looking for one; some take
# the wide forms of these signs too (OWASP, "CSV Injection").
_BEGINS_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield rows under headings as RFC 4180 has it, line by line, each with its end (CR LF)."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in chain([headings], rows):
        writer.writerow([cell(value) for value in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def cell(value: object) -> object:
    """Return what stands for a value in a cell. None is empty, and numbers stay numbers.

    A text that a spreadsheet would take for a formula gets an apostrophe before it. Of a list the
    values have commas between; what has names in it is JSON, and so are true and false.
    """
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    is_plain = isinstance(value, list | tuple) and not any(isinstance(e, dict) for e in value)
    if isinstance(value, list | tuple) and is_plain:
        value = ", ".join(map(str, value))
    if isinstance(value, dict | bool | list | tuple):
        value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text
