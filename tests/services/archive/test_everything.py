"""All of a history, out into files and back in."""

from __future__ import annotations

import json
import os
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.errors import Conflict, InvalidInput
from app.extensions import db
from app.imaging import prepare
from app.models import ApiKey, Batch, Generation, Image, Role, SavedSearch, Source, Status
from app.models.budget import BudgetSpending
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.lineage import link
from app.models.prompt_pages import PromptFilter, prompts_of
from app.models.reporting import rebuild as report_rebuild
from app.services import marks
from app.services.archive import everything, people
from app.services.archive import report as import_report
from app.services.archive.exporting import export_all, export_images
from app.services.archive.importing import import_from
from app.services.keys import add_key, authenticate, create_key, revoke_key
from app.services.marks import change_images
from app.services.proof_sheets import (
    Mark,
    NewSheet,
    UnknownLink,
    list_sheets,
    make_sheet,
    open_sheet,
    revoke_sheet,
    save_marks,
)
from app.services.purge import purge_images
from app.services.reports.compare import compare, other_side
from app.services.reports.cost import cost
from app.services.reports.failures import failures
from app.services.reports.latency import latency
from app.services.reports.models import models
from app.services.reports.names import SPLITS
from app.services.reports.periods import By
from app.services.reports.prompts import prompts as prompts_report
from app.services.reports.question import ask
from app.services.reports.storage import storage
from app.services.reports.usage import usage
from app.services.templates import save_template
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture
from tests.services.archive.conftest import Elsewhere, nothing
from tests.services.check.conftest import look

LONG_AGO = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
KINDS = (
    *("batches", "generations", "images", "prompts", "purged", "searches", "sheets", "templates"),
)


def a_history() -> None:
    """Commit something of every kind."""
    key, _ = add_key("laptop", Role.CREATOR)
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
    counted = {"latency_ms": 9_000, "usage": {"image_tokens": 1_120}}
    first = kept_image("A fox, painted", ordinal=0, cost_microusd=39_001, **of_it, **size)
    second = kept_image("A fox, painted", ordinal=1, **counted, **of_it, **size)
    failed = {"error_code": "blocked", "error_message": "No.", "error_retryable": False}
    generation(status=Status.FAILED, **failed, finished_at=LONG_AGO, created_at=LONG_AGO)
    uploaded = kept_image("Mine", picture("WEBP"), source=Source.UPLOAD, tags=("ä", "b"))
    link([(second.id, [uploaded.id, first.id])])
    drawn.input_images = [uploaded.id]
    db.session.commit()
    change_images([uploaded.id], marks.put(marks.Marks(favourite=True, note="Mine, äh")))
    change_images([first.id], marks.delete())
    a_sheet([second.id, uploaded.id], key.id)


def a_sheet(ids: list[int], key_id: int) -> None:
    """Commit a proof sheet that was looked at, and closed."""
    sheet_id, token = make_sheet(NewSheet("Cover", ids, greeting="Which?", prompts=True), key_id)
    save_marks(token, {2: Mark(picked=True, word="This one, äh")}, "Zoë")
    revoke_sheet(sheet_id)


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def comparable(folder: Path, kind: str) -> Any:
    """Return the rows of a kind, with images named by what they are and not by their ids."""
    names = {row["id"]: (row["created_at"], row["sha256"]) for row in lines(folder, "images")}
    found = lines(folder, kind)
    for row in found if kind != "prompts" else []:
        for name in {"id", "parents", "input_images"} & row.keys():
            ids = row[name] if isinstance(row[name], list) else [row[name]]
            row[name] = [names.get(each, each) for each in ids]
        row.pop("file", None)
        for shown in row.get("pictures", []) if kind == "sheets" else []:
            shown["image_id"] = names[shown["image_id"]]
    return found if kind != "prompts" else sorted(found, key=str)


def many_more(number: int) -> None:
    """Commit pictures of many days and kinds, in one transaction."""
    asked = [
        generation(
            prompt=f"Fox {each}",
            status=Status.SUCCEEDED,
            n=10,
            done=10,
            cost_microusd=each or None,
            created_at=LONG_AGO + each * timedelta(days=3),
            finished_at=LONG_AGO + each * timedelta(days=3, seconds=9),
        )
        for each in range(number // 20 + 1)
    ]
    ImageManager().store_all(
        NewImage(
            f"Hare {each % 7}",
            prepare(picture("JPEG" if each % 3 else "PNG", (8, 8), color=(each % 256, 9, 9))),
            ImageDetails(
                source=Source.GENERATED if each % 2 else Source.UPLOAD,
                generation_id=asked[each // 20].id if each % 2 else None,
                ordinal=each // 2 % 10 if each % 2 else None,
                provider="sketch",
                model=f"m{each % 3}",
                latency_ms=each * 10,
                cost_microusd=each or None,
                tags=("seventh",) if each % 7 == 0 else (),
                favourite=each % 5 == 0,
                deleted_at=LONG_AGO if each % 11 == 0 else None,
            ),
            is_prompt=each % 4 == 0,
            created_at=LONG_AGO + each // 20 * timedelta(days=3) + each * timedelta(seconds=1),
        )
        for each in range(number)
    )
    db.session.commit()


def what_is_told() -> dict[str, Any]:
    """Return what people see of a history, without the ids of images and prompts."""
    question = ask(LONG_AGO - timedelta(days=1), datetime(2027, 1, 1, tzinfo=UTC), By.MONTH)
    by_day = ask(LONG_AGO - timedelta(days=1), LONG_AGO + timedelta(days=60), tz="Europe/Berlin")
    reports = {
        **{f"usage by {split}": usage(by_day, split) for split in SPLITS},
        **{f"{report.__name__}": report(question) for report in (models, latency, failures)},
        **{f"{report.__name__}": report(by_day) for report in (cost, storage, prompts_report)},
        "cost by key": cost(question, "key"),
        "compare": compare(by_day, other_side(by_day, LONG_AGO + timedelta(days=60))),
        "of a key": usage(ask(question.since, question.until, By.MONTH, key="laptop")),
    }
    told: dict[str, Any] = {}
    for name, report in reports.items():
        record = json.loads(json.dumps(report.record(), default=str))
        for more in ("database", "month", "notes"):  # of now
            record.pop(more, None)
        for row in record["rows"]:
            row.pop("prompt_id", None)
        told[name] = record
    prompts = prompts_of(PromptFilter(), None, 100).items
    told["past prompts"] = sorted(
        (row.text, row.uses, row.images, row.favourites) for row in prompts
    )
    return told


# Into a database of the other kind.
@pytest.mark.parametrize(
    ("database_url", "number"), [("postgresql", 296), ("sqlite", 66)], indirect=["database_url"]
)
def test_hundreds_of_images_are_the_same_in_a_fresh_instance(
    context: Flask, on_the_other_kind: Elsewhere, tmp_path: Path, number: int
) -> None:
    a_history()
    many_more(number)
    change_images([gone := kept_image("Gone", tags=("gone",)).id], marks.delete())
    purge_images([gone])
    report_rebuild.rebuild(db.session.connection())  # samples are not booked by themselves
    db.session.commit()
    before = what_is_told()
    export_all(tmp_path / "out", nothing)
    assert before["of a key"]["totals"]["images"] == 2
    with on_the_other_kind():
        done = import_from(tmp_path / "out", nothing)
        assert (done.skipped, done.keys_made) == ([], ["laptop"])
        assert (done.taken["images"], done.taken["purged"]) == (number + 3, 1)
        there = what_is_told()
        assert look() == {}
        assert db.session.scalars(db.select(BudgetSpending)).all() == []
        export_all(tmp_path / "again", nothing)
    for name, told in before.items():
        assert there[name] == told, name
    for kind in KINDS:
        left, right = (comparable(tmp_path / each, kind) for each in ("out", "again"))
        assert right == left, kind


def test_nothing_is_taken_twice(context: Flask, tmp_path: Path) -> None:
    a_history()
    export_all(tmp_path / "out", nothing)
    before = ImageManager().count(ImageFilter(deleted="include"))
    done = import_from(tmp_path / "out", nothing)
    assert done.taken.total() == 0
    here = {"images": 3, "generations": 2, "batches": 1, "searches": 1, "templates": 2, "sheets": 1}
    assert dict(done.here) == here
    assert ImageManager().count(ImageFilter(deleted="include")) == before
    assert [row.parents for row in ImageManager().slice(ImageFilter(), None, 2).items] == [
        [],
        [3, 1],
    ]


@ON_SQLITE
def test_the_link_of_a_sheet_that_comes_in_opens_nothing(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    _, token = make_sheet(NewSheet("Cover", [kept_image().id]))
    export_all(tmp_path / "out", nothing)
    assert token not in (tmp_path / "out" / "sheets.jsonl").read_text()
    with elsewhere():
        assert import_from(tmp_path / "out", nothing).taken["sheets"] == 1
        with pytest.raises(UnknownLink):
            open_sheet(token)
        [view] = list_sheets(None, 10).items
        assert view.state == "revoked"


@ON_SQLITE
def test_an_export_from_before_there_were_sheets_is_taken_in(
    exported: Path, elsewhere: Elsewhere
) -> None:
    (exported / "sheets.jsonl").unlink()
    with elsewhere():
        assert not import_from(exported, nothing).skipped


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
        (
            "sheets",
            '{"title": "x", "created_at": "2026-01-01T00:00Z", "expires_at": "2026-01-01T00:00Z", '
            '"pictures": [{"image_id": 1, "number": 1}, {"image_id": 1, "number": 2}]}',
            "twice",
        ),
        (
            "purged",
            f'{{"byte_count": {2**63 - 1}, "created_at": "2026-01-01T00:00Z", "favourite": false}}',
            "byte_count cannot",
        ),
        (
            "purged",
            '{"byte_count": 1, "created_at": "1970-01-01T00:00+23:59", "favourite": false}',
            "created_at cannot",
        ),
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
def test_long_lines_are_taken_in_few_at_a_time_and_not_without_end(
    exported: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = '{{"byte_count": {}, "created_at": "2026-01-01T00:00Z", "favourite": false}}\n'
    (exported / "purged.jsonl").write_text(row.format(1) + row.format(2))
    commits: list[Any] = []
    with elsewhere():
        assert import_from(exported, nothing).taken["purged"] == 2
        event.listen(db.engine, "commit", commits.append)
        import_from(exported, nothing)
        together = len(commits)
        monkeypatch.setattr(everything, "PART_BYTES", 1)
        import_from(exported, nothing)
        assert len(commits) == 2 * together + 1
        monkeypatch.setattr(everything, "MOST_TEXT", 1)
        assert "more than 1 bytes of lines" in import_from(exported, nothing).skipped[0].reason
        monkeypatch.setattr(import_report, "MOST_SKIPPED", 1)
        with pytest.raises(InvalidInput, match="More than 1 lines"):
            import_from(exported, nothing)


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
def test_pictures_that_came_first_are_given_their_batch(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    a_history()
    export_images(ImageFilter(), tmp_path / "some", nothing)
    export_all(tmp_path / "out", nothing)
    with elsewhere():
        for folder in ("some", "out", "out"):
            assert import_from(tmp_path / folder, nothing).skipped == []
        assert ImageManager().count(ImageFilter(batch="0" * 26, deleted="include")) == 2
        assert look() == {}


@ON_SQLITE
@pytest.mark.parametrize(("done", "status"), [(0, Status.FAILED), (1, Status.SUCCEEDED)])
def test_what_was_under_way_comes_in_as_interrupted(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path, done: int, status: Status
) -> None:
    row = generation(status=Status.RUNNING, n=2, done=done, job="x")
    kept_image(generation_id=row.id, ordinal=0)
    export_all(tmp_path / "out", nothing)
    with elsewhere():
        import_from(tmp_path / "out", nothing)
        there = db.session.get_one(Generation, row.id)
        assert (there.status, there.error_code, there.job) == (status, "interrupted", None)
        assert there.finished_at is not None


@ON_SQLITE
def test_an_export_that_was_cut_short_says_so(context: Flask, tmp_path: Path) -> None:
    export_all(tmp_path / "out", nothing)
    (tmp_path / "out" / "proofsheet.json").unlink()
    with pytest.raises(InvalidInput, match="cut short"):
        import_from(tmp_path / "out", nothing)


@ON_SQLITE
def test_an_export_holds_few_pictures_at_a_time(context: Flask, tmp_path: Path) -> None:
    size = 1_000_000
    for color in range(10):
        kept_image(data=picture(color=(color, 0, 0))).blob.data = os.urandom(size)
    db.session.commit()
    db.session.remove()
    for export in (
        lambda: export_all(tmp_path / "all", nothing),
        lambda: export_images(ImageFilter(), tmp_path / "some", nothing),
        lambda: export_images(ImageFilter(), tmp_path / "some.zip", nothing),
    ):
        tracemalloc.start()
        try:
            assert export().bytes == 10 * size
            assert tracemalloc.get_traced_memory()[1] < 3 * size
        finally:
            tracemalloc.stop()


@ON_SQLITE
def test_nobody_else_may_read_an_export(context: Flask, tmp_path: Path) -> None:
    kept_image()
    (tmp_path / "new").mkdir(mode=0o700)
    export_all(tmp_path / "new" / "all", nothing)
    for target in ("new/some", "new.zip"):
        export_images(ImageFilter(), tmp_path / target, nothing)
    files = [each for each in tmp_path.glob("new*/**/*") if each.is_file()]
    folders = [each for each in tmp_path.glob("new/**/") if each.is_dir()]
    assert len(files) == 14
    assert {each.stat().st_mode & 0o777 for each in [*files, tmp_path / "new.zip"]} == {0o600}
    assert {each.stat().st_mode & 0o777 for each in folders} == {0o700}


@ON_SQLITE
def test_everything_goes_to_an_empty_folder_alone(context: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(InvalidInput, match="no new or empty folder"):
        export_all(tmp_path, nothing)


@ON_SQLITE
@pytest.mark.parametrize("everything", [True, False])
def test_a_key_that_is_made_opens_nothing(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path, everything: bool
) -> None:
    a_history()
    if everything:
        export_all(tmp_path / "out", nothing)
    else:
        export_images(ImageFilter(), tmp_path / "out", nothing)
    with elsewhere():
        assert import_from(tmp_path / "out", nothing).keys_made == ["laptop"]
        [key] = db.session.scalars(db.select(ApiKey))
        assert key.role is (Role.CREATOR if everything else Role.VIEWER)
        assert key.revoked_at is not None
        assert authenticate(key.prefix) is authenticate(key.sha256) is None
        assert import_from(tmp_path / "out", nothing).keys_made == []


@ON_SQLITE
def test_there_is_an_end_to_how_many_keys_are_made(
    exported: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"role": "admin", "created_at": "2026-01-01T00:00Z"}
    rows = [json.dumps({"name": f"k{number}", **key}) for number in range(3)]
    (exported / "keys.jsonl").write_text("\n".join(rows))
    monkeypatch.setattr(people, "MOST_KEYS", 2)
    with elsewhere(), pytest.raises(Conflict, match="2 keys at the most"):
        import_from(exported, nothing)


@ON_SQLITE
@pytest.mark.parametrize("is_revoked", [False, True])
def test_a_key_of_that_name_is_used_where_there_is_one(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path, is_revoked: bool
) -> None:
    a_history()
    export_all(tmp_path / "out", nothing)
    with elsewhere():
        key_id = create_key("laptop", Role.VIEWER)[0].id
        if is_revoked:
            revoke_key("laptop")
        assert import_from(tmp_path / "out", nothing).keys_made == []
        assert set(db.session.scalars(db.select(Image.api_key_id))) == {None, key_id}
