"""All of a history, out into files and back in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey, Batch, Image, Role, SavedSearch, Source, Status
from app.models.budget import BudgetSpending
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.lineage import link
from app.models.prompt_pages import PromptFilter, prompts_of
from app.models.reporting.rebuild import differences
from app.services import marks
from app.services.archive.exporting import export_all
from app.services.archive.importing import import_from
from app.services.marks import change_images
from app.services.templates import save_template
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture
from tests.services.archive.conftest import Elsewhere, nothing

LONG_AGO = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
KINDS = ("batches", "generations", "images", "keys", "searches", "templates")


def a_history() -> None:
    """Commit something of every kind."""
    key = ApiKey(name="laptop", prefix="ps_", sha256="0" * 64, role=Role.CREATOR)
    batch = Batch(id="0" * 26, total=1, pictures=2, created_at=LONG_AGO, finished_at=LONG_AGO)
    query = {"q": ["red fox"], "tag": ["a", "b"]}
    db.session.add_all([key, batch, SavedSearch(name="foxes", query=query)])
    for text in ("{user_input}, inked", "{user_input}, inked {how}"):
        save_template("ink", text)
    drawn = generation(
        prompt="A  Fox",
        variables={"how": "schön"},
        n=2,
        done=2,
        status=Status.SUCCEEDED,
        cost_microusd=78_001,
        api_key_id=key.id,
        batch_id=batch.id,
        created_at=LONG_AGO,
        started_at=LONG_AGO,
        finished_at=LONG_AGO + timedelta(seconds=9.5),
    )
    of_it = {"generation_id": drawn.id, "batch_id": batch.id, "api_key_id": key.id}
    size = {"size": "1K", "provider": "gemini", "model": "m", "seed": -7, "aspect_ratio": "1:1"}
    first = kept_image("A fox, painted", ordinal=0, cost_microusd=39_001, **of_it, **size)
    second = kept_image("A fox, painted", ordinal=1, latency_ms=9_000, **of_it, **size)
    generation(
        status=Status.FAILED, error_code="blocked", error_message="No.", error_retryable=False
    )
    generation(status=Status.RUNNING)
    uploaded = kept_image("Mine", picture("WEBP"), source=Source.UPLOAD, tags=("ä", "b"))
    link([(second.id, [uploaded.id, first.id])])
    drawn.input_images = [uploaded.id]
    db.session.commit()
    change_images([uploaded.id], marks.put(marks.Marks(favourite=True, note="Mine, äh")))
    change_images([first.id], marks.delete())


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def comparable(folder: Path, kind: str) -> Any:
    """Return the rows of a kind, with images named by what they are and not by their ids."""
    names = {row["id"]: (row["created_at"], row["sha256"]) for row in lines(folder, "images")}
    found = lines(folder, kind)
    for row in found:
        for name in {"id", "parents", "input_images"} & row.keys():
            ids = row[name] if isinstance(row[name], list) else [row[name]]
            row[name] = [names.get(each, each) for each in ids]
        row.pop("file", None)
    return found


def ended(row: dict[str, Any]) -> dict[str, Any]:
    """Return a generation without what changes when one that goes on is taken elsewhere."""
    changed = {name for name in row if name.startswith("error_")} | {"status", "finished_at"}
    return row if row["finished_at"] else {k: v for k, v in row.items() if k not in changed}


def test_all_of_it_is_the_same_elsewhere(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    a_history()
    export_all(tmp_path / "out", nothing)
    prompts = [(row.text, row.uses) for row in prompts_of(PromptFilter(), None, 10).items]
    with elsewhere():
        done = import_from(tmp_path / "out", nothing)
        export_all(tmp_path / "again", nothing)
        there = [(row.text, row.uses) for row in prompts_of(PromptFilter(), None, 10).items]
        assert list(differences()) == []
        assert db.session.scalars(db.select(BudgetSpending)).all() == []
        assert ImageManager().count(ImageFilter(q="foxes")) == 0
        assert ImageManager().count(ImageFilter(q="mine", favourite=True, tags=("ä",))) == 1
        assert ImageManager().count(ImageFilter(by="laptop", deleted="only")) == 1
    assert done.skipped == []
    assert there == prompts
    for kind in KINDS:
        before, after = (comparable(tmp_path / each, kind) for each in ("out", "again"))
        if kind == "keys":
            assert after[0].pop("revoked_at")  # it opens nothing there
            before[0].pop("revoked_at")
        if kind == "generations":
            assert [each["status"] for each in after] == ["succeeded", "failed", "failed"]
            assert after[2]["error_code"] == "interrupted"
            before, after = ([ended(each) for each in some] for some in (before, after))
            after[2] = {name: after[2][name] for name in before[2]}
        assert after == before, kind


def test_nothing_is_taken_twice(context: Flask, tmp_path: Path) -> None:
    a_history()
    export_all(tmp_path / "out", nothing)
    before = ImageManager().count(ImageFilter(deleted="include"))
    done = import_from(tmp_path / "out", nothing)
    assert done.taken.total() == 0
    here = {"images": 3, "generations": 3, "batches": 1, "searches": 1, "templates": 2}
    assert dict(done.here) == here
    assert ImageManager().count(ImageFilter(deleted="include")) == before
    assert [row.parents for row in ImageManager().slice(ImageFilter(), None, 2).items] == [
        [],
        [3, 1],
    ]


@ON_SQLITE
def test_what_was_broken_off_is_finished_by_another_import(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    a_history()
    export_all(tmp_path / "out", nothing)
    file = tmp_path / "out" / "images.jsonl"
    whole = file.read_bytes()
    with elsewhere():
        file.write_bytes(whole.splitlines(keepends=True)[0])
        assert import_from(tmp_path / "out", nothing).taken["images"] == 1
        file.write_bytes(whole)
        done = import_from(tmp_path / "out", nothing)
        assert (done.taken["images"], done.here["images"]) == (2, 1)
        export_all(tmp_path / "again", nothing)
    for kind in ("images", "generations"):
        parents = [
            row.get("parents") or row.get("input_images") for row in lines(tmp_path / "again", kind)
        ]
        assert len([each for each in parents if each]) == 1


@pytest.fixture
def exported(context: Flask, tmp_path: Path) -> Path:
    """An export of one image."""
    kept_image()
    export_all(tmp_path / "out", nothing)
    return tmp_path / "out"


@ON_SQLITE
@pytest.mark.parametrize(
    ("kind", "line", "reason"),
    [
        ("images", "{", "no JSON"),
        ("images", "[" * 100_000, "no JSON"),
        ("images", "[]", "no record"),
        ("images", '{"id": 1}', "has no created_at"),
        ("generations", '{"id": "x", "status": "failed", "created_at": "2026-01-01T00:00Z"}', "no"),
        (
            "templates",
            '{"name": "x", "version": 1, "text": "no", "created_at": "2026-01-01T00:00Z"}',
            "user_input",
        ),
        (
            "searches",
            '{"name": "x", "query": {"q": 1}, "created_at": "2026-01-01T00:00Z"}',
            "search",
        ),
        (
            "batches",
            '{"id": "1", "total": 9, "pictures": 1, "created_at": "2026-01-01T00:00Z"}',
            "fit",
        ),
        ("keys", '{"name": "\\u0000", "role": "admin"}', "name"),
    ],
)
def test_a_line_that_is_not_as_it_must_be_is_left_out(
    exported: Path, elsewhere: Elsewhere, kind: str, line: str, reason: str
) -> None:
    with (exported / f"{kind}.jsonl").open("a") as file:
        file.write(f"{line}\n")
    with elsewhere():
        done = import_from(exported, nothing)
    assert done.taken["images"] == 1
    [skipped] = done.skipped
    assert skipped.name.startswith(f"{kind}.jsonl:")
    assert reason in skipped.reason


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"file": "../secret.png"}, "no such file"),
        ({"file": "/etc/passwd"}, "no such file"),
        ({"file": "link.png"}, "no such file"),
        ({"file": "linked/secret.png"}, "no such file"),
        ({"sha256": "0" * 64}, "not the one"),
    ],
)
def test_an_image_leads_to_no_file_outside_and_to_no_other(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    kept_image()
    out = tmp_path / "out"
    export_all(out, nothing)
    (tmp_path / "secret.png").write_bytes(picture())
    (out / "link.png").symlink_to(tmp_path / "secret.png")
    (out / "linked").symlink_to(tmp_path)
    [record] = lines(out, "images")
    (out / "images.jsonl").write_text(json.dumps({**record, **changes}))
    with elsewhere():
        done = import_from(out, nothing)
        assert db.session.scalar(db.select(db.func.count(Image.id))) == 0
    [skipped] = done.skipped
    assert reason in skipped.reason


@ON_SQLITE
def test_an_export_that_was_cut_short_says_so(context: Flask, tmp_path: Path) -> None:
    export_all(tmp_path / "out", nothing)
    (tmp_path / "out" / "proofsheet.json").unlink()
    with pytest.raises(InvalidInput, match="cut short"):
        import_from(tmp_path / "out", nothing)


@ON_SQLITE
def test_everything_goes_to_an_empty_folder_alone(context: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(InvalidInput, match="no new or empty folder"):
        export_all(tmp_path, nothing)
