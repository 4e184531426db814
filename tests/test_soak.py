"""What `python -m benchmarks soak` runs for long, for a moment."""

from __future__ import annotations

from flask import Flask

from benchmarks.soak import page_while_writing, write_and_read


def test_paging_by_cursor_gives_each_untouched_row_once_while_others_write(app: Flask) -> None:
    paged = page_while_writing(app, untouched=120, writers=4, seconds=0.5)
    assert paged.writes > 0
    assert (paged.missed, paged.repeated) == (0, 0)


def test_eight_writers_and_eight_readers_meet_no_error(app: Flask) -> None:
    loaded = write_and_read(app, writers=8, readers=8, seconds=1)
    assert loaded.writes > 0
    assert loaded.reads > 0
