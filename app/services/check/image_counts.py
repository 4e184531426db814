"""The counts of images by quarter hours, days and 64 days, against the images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, tuple_

from app.extensions import db
from app.models import Image, ImageRollup, history_revision
from app.models.batches import batches
from app.models.image_lock import hold_all
from app.models.rollup import SPANS, quarter_of
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of
from app.services.check.writing import change

WRONG_COUNT = Kind("image-counts", "counts of images that differ from the images", "counted anew")
# From (span, bucket) to how many images are live, and how many deleted.
Counts = dict[tuple[int, int], tuple[int, int]]
_BUCKET = ImageRollup.span, ImageRollup.bucket


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    with snapshot():
        counted, kept = _counted(), _kept()
    for bucket in sorted(counted.keys() | kept.keys()):
        if counted.get(bucket, (0, 0)) != kept.get(bucket, (0, 0)):
            yield Fault(WRONG_COUNT, bucket)


def _counted() -> Counts:
    """Count the images. A year has 35,000 quarters at the most, however many images."""
    live: Counter[tuple[int, int]] = Counter()
    deleted: Counter[tuple[int, int]] = Counter()
    for position, is_deleted in rows_of(select(Image.position, Image.deleted_at.is_not(None))):
        quarter = quarter_of(position)
        (deleted if is_deleted else live)[1, quarter] += 1
    return _in_all_spans(live, deleted)


def _in_all_spans(live: Mapping[Any, int], deleted: Mapping[Any, int]) -> Counts:
    sums: dict[tuple[int, int], list[int]] = {}
    for column, counts in enumerate((live, deleted)):
        for (_, quarter), count in counts.items():
            for span in SPANS:
                sums.setdefault((span, quarter // span), [0, 0])[column] += count
    return {bucket: (each[0], each[1]) for bucket, each in sums.items()}


def _kept() -> Counts:
    query = select(*_BUCKET, ImageRollup.live, ImageRollup.deleted)
    return {(row.span, row.bucket): (row.live, row.deleted) for row in rows_of(query)}


def _recount(ids: list[tuple[int, int]]) -> int:
    """Count again while nobody adds or deletes, and write what differs; all of it, not `ids` alone."""
    hold_all()
    counted, kept = _counted(), _kept()
    wrong = [each for each in counted.keys() | kept.keys() if counted.get(each) != kept.get(each)]
    for batch in batches(sorted(wrong)):
        change(delete(ImageRollup).where(tuple_(*_BUCKET).in_(batch)))
        rows = [
            {
                "span": each[0],
                "bucket": each[1],
                "live": counted[each][0],
                "deleted": counted[each][1],
            }
            for each in batch
            if each in counted
        ]
        if rows:
            db.session.execute(insert(ImageRollup), rows)
    history_revision.bump()
    db.session.commit()
    return len(ids)


IMAGE_COUNTS = Checker("image-counts", "counts of images", _find, {WRONG_COUNT: _recount})
