"""The sums of reports: right after whatever happens, since they are as a rebuilding makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from app import imaging
from app.extensions import db
from app.models import Image, ReportKept, ReportLatency, ReportSeries, ReportSum, Source, Status
from app.models.image_manager import ImageDetails, ImageManager
from app.models.reporting.latency_buckets import unpacked
from app.models.reporting.rebuild import differences, rebuild
from app.models.reporting.series import Cube
from app.models.reporting.sums import BLOCK, Kept, Measures
from app.services import marks
from app.services.endings import BY_WHAT_THERE_IS, end_generations
from app.services.marks.change import Marks, put
from app.services.marks.change import delete as deletion
from app.services.marks.change import restore as restoration
from app.services.purge import purge_images
from tests.models.samples import generation, kept_image
from tests.pictures import picture


def sums(cube: Cube = Cube.ALL, **dimensions: Any) -> Measures:
    """Return all that was counted in the series of a cube, or in one of them."""
    columns = (func.coalesce(func.sum(getattr(ReportSum, name)), 0) for name in Measures._fields)
    wanted = select(ReportSeries.id).where(ReportSeries.cube == cube).filter_by(**dimensions)
    query = select(*columns).where(ReportSum.slot == 0, ReportSum.series.in_(wanted))
    return Measures(*map(int, db.session.execute(query).one()))


def durations() -> int:
    """Return how many durations were counted, of all kinds together."""
    all_together = select(ReportSeries.id).where(ReportSeries.cube == Cube.ALL)
    kept = select(ReportLatency.queue, ReportLatency.provider).where(
        ReportLatency.slot == BLOCK, ReportLatency.series.in_(all_together)
    )
    packed = chain.from_iterable(db.session.execute(kept))
    return sum(count for each in packed for _, count in unpacked(each))


def drawn(n: int = 1, **columns: Any) -> Any:
    """Commit a generation that has ended, with its images; return its row."""
    row = generation(n=n, status="running", provider="gemini", model="m-1", **columns)
    details = {"provider": "gemini", "model": "m-1", "size": "1K", "cost_microusd": 10}
    for ordinal in range(n):
        kept_image(generation_id=row.id, ordinal=ordinal, latency_ms=900, **details)
    end_generations(type(row).id == row.id, status=BY_WHAT_THERE_IS, may_be_billed=db.false())
    db.session.commit()
    return row


def test_an_image_and_its_generation_are_counted_where_each_belongs(context: Flask) -> None:
    begun = datetime.now(UTC) + timedelta(seconds=1)
    drawn(n=2, project="Zoo", template="poster", started_at=begun)
    size = db.session.scalar(select(func.sum(Image.byte_count)))
    expected = Measures(
        succeeded=1,
        cost_microusd=20,
        images=2,
        image_bytes=int(size or 0),
        priced_images=2,
        image_cost_microusd=20,
    )
    assert sums() == expected
    assert sums(Cube.MODEL, model="m-1") == sums(Cube.PROJECT, project="Zoo") == expected
    assert sums(Cube.TEMPLATE, template="poster") == expected
    assert sums(Cube.FULL, model="m-1", project="Zoo", api_key_id=0) == expected
    assert sums(Cube.ERROR) == sums(Cube.MODEL, model="m-2") == Measures()
    assert durations() == 3
    assert list(differences()) == []


def test_a_failure_is_counted_by_its_reason_and_one_without_price_as_such(context: Flask) -> None:
    row = generation(status="running", provider="gemini", model="m-1")
    end_generations(type(row).id == row.id, status=Status.FAILED, error_code="refused")
    other = generation(status="queued")
    end_generations(type(other).id == other.id, status=Status.CANCELLED)
    db.session.commit()
    assert sums() == Measures(failed=1, cancelled=1, unpriced=1)
    assert sums(Cube.ERROR, error_code="refused", model="m-1") == Measures(failed=1, unpriced=1)
    assert list(differences()) == []


def test_what_was_not_generated_is_not_counted(context: Flask) -> None:
    kept_image(source=Source.UPLOAD)
    kept_image(source=Source.IMPORT)
    assert sums() == Measures()
    assert list(differences()) == []


def test_favourites_are_counted_as_they_come_and_go(context: Flask) -> None:
    first, second = kept_image(), kept_image()
    star, no_star = put(Marks(favourite=True)), put(Marks(favourite=False, note="Not now"))
    marks.change_images([first.id, second.id], star)
    marks.change_images([first.id], star)
    marks.change_images([second.id], no_star)
    marks.change_images([second.id], put(Marks(favourite=False, note="Never")))
    assert sums().favourites == 1
    assert list(differences()) == []


def test_what_is_deleted_and_purged_stays_counted(context: Flask) -> None:
    drawn(project="Zoo")
    drawn()
    [one] = db.session.scalars(select(Image.id).order_by(Image.id).limit(1))
    marks.change_images([one], put(Marks(favourite=True, project="Elsewhere")))
    before = sums(), durations()
    marks.change_images([one], deletion())
    purge_images([one])
    assert (sums(), durations()) == before
    assert list(differences()) == []
    rebuild(db.session.connection())
    db.session.commit()
    assert (sums(), durations()) == before


def test_the_room_that_images_take_follows_deletes_and_purges(context: Flask) -> None:
    kept, gone = kept_image(source=Source.UPLOAD), kept_image()
    marks.change_images([kept.id, gone.id], deletion())
    marks.change_images([kept.id], restoration())
    assert room()[0] == 2
    assert room()[3] == 1
    assert 0 < room()[4] < room()[1], "of the bytes, those of the deleted one"
    assert 0 < room()[5] < room()[2], "of its thumbnails"
    purge_images([gone.id])
    assert room()[0] == 1
    assert room()[3:] == [0, 0, 0]
    assert list(differences()) == []


def room() -> list[int]:
    """Return the sums of the room that images take."""
    columns = (func.coalesce(func.sum(getattr(ReportKept, name)), 0) for name in Kept._fields)
    return [int(each) for each in db.session.execute(select(*columns).filter_by(slot=0)).one()]


def test_nothing_is_counted_of_what_is_rolled_back(context: Flask) -> None:
    row = generation(status="queued")
    end_generations(type(row).id == row.id, status=Status.CANCELLED)
    db.session.rollback()
    kept_image()
    assert sums() == Measures(images=1, image_bytes=sums().image_bytes)


def test_a_savepoint_that_is_undone_takes_nothing_with_it(context: Flask) -> None:
    row = generation(status="queued")
    end_generations(type(row).id == row.id, status=Status.CANCELLED)
    with pytest.raises(RuntimeError), db.session.begin_nested():
        raise RuntimeError
    db.session.commit()
    assert sums().cancelled == 1


def test_several_images_of_one_transaction_are_written_once(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(n=3)
    rows = db.session.scalar(select(func.count()).select_from(ReportSum))
    assert rows == 4 * (len(Cube) - 1), (
        "by quarter, hour, day and block in each cube but the errors"
    )


def test_a_difference_is_told_and_a_rebuilding_mends_it(context: Flask) -> None:
    drawn()
    all_day = ReportSum.slot == 0
    db.session.execute(update(ReportSum).where(all_day).values(images=ReportSum.images + 1))
    db.session.execute(delete(ReportLatency))
    stray = {"series": 5, "slot": 0, "day": -40, **dict.fromkeys(Measures._fields, 0)}
    db.session.execute(insert(ReportSum), [{**stray, "failed": 1}])
    db.session.commit()
    found = list(differences())
    assert {each.table for each in found} == {"report_sums", "report_latencies"}
    assert found[0].key == (5, 0, -40)
    assert found[0].expected == ()
    rebuild(db.session.connection())
    db.session.commit()
    assert list(differences()) == []
    assert sums().images == 1


def test_sums_that_lack_a_series_are_told(context: Flask) -> None:
    drawn()
    db.session.execute(delete(ReportSeries).where(ReportSeries.cube == Cube.KEY))
    db.session.commit()
    assert {each.table for each in differences()} == {"report_series"}


def test_many_transactions_at_once_count_all(app: Flask) -> None:
    def keep() -> None:
        with app.app_context():
            for _ in range(5):
                kept_image(model="m-1", latency_ms=700)

    threads = [Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert sums().images == 20
        assert list(differences()) == []


def test_one_statement_each_is_enough_for_a_picture(context: Flask, statements: list[str]) -> None:
    prepared = imaging.prepare(picture())
    statements.clear()
    ImageManager().store("A fox", prepared, ImageDetails(latency_ms=5))
    db.session.commit()
    ours = [each for each in statements if "report_" in each]
    assert len(ours) == 5, "series, sums, durations as they are and as they become, room"
