"""An export of everything, taken in kind by kind; each line is checked, and one that is bad left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.errors import InvalidInput
from app.extensions import current_settings, db
from app.models import Batch, PromptTemplate, SavedSearch, history_revision, prompt_book
from app.models.batches import BATCH
from app.models.prompt_manager import check_template, clean_prompt
from app.models.types import LARGEST_NUMBER, is_label, utc_now
from app.services.archive import generations, images, kinds, people, purged, sheets
from app.services.archive.fields import decoded
from app.services.archive.foreign import parsed
from app.services.archive.keeping import Keeper, Tell
from app.services.archive.kinds import FORMAT, MANIFEST, VERSION
from app.services.archive.people import People
from app.services.archive.report import Imported
from app.services.archive.sources import Source, Unreadable, found, lines, read
from app.services.image_generator_service import ULID_TEXT

LONGEST_MANIFEST = 64 * 1024
# What is held in memory at once, and written in one transaction.
PART_BYTES = 16 * 1024**2
# Of all lines together: some ten million generations.
MOST_TEXT = 16 * 1024**3
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where an export of everything lies within a source, and how many images it has."""

    folder: str
    images: int | None


def manifest_of(origin: Source) -> Manifest | None:
    """Return what an export says of itself, None where this is none.

    Raises InvalidInput for one that was cut short, or that is newer than this version.
    """
    for folder in ("", origin.top):
        if origin.find(folder + MANIFEST):
            return _read_manifest(origin, folder)
    if origin.find("images.jsonl") and origin.find("generations.jsonl"):
        raise InvalidInput(f"There is no {MANIFEST}: the export was cut short. Export again.")
    return None


def _read_manifest(origin: Source, folder: str) -> Manifest:
    file = origin.find(folder + MANIFEST)
    about = (
        parsed(read(origin, file, LONGEST_MANIFEST).decode("utf-8", "replace")) if file else None
    )
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise InvalidInput(f"{MANIFEST} is not that of an export.")
    if about.get("version") != VERSION:
        raise InvalidInput("This export was written by a newer version of Proofsheet.")
    counts = about.get("counts")
    number = counts.get("images") if isinstance(counts, dict) else None
    return Manifest(folder, number if isinstance(number, int) else None)


class Everything:
    """One import, kind by kind: each needs those before it."""

    def __init__(
        self, origin: Source, manifest: Manifest, done: Imported, tell: Tell, *, dry: bool = False
    ) -> None:
        """Take where it comes from, and what counts and watches; see `import_from`."""
        self._dry = dry
        self._origin = origin
        self._folder = manifest.folder
        self._done = done
        self._tell = tell
        self._people = People(done)
        self._text = 0  # bytes of lines that were read so far
        self._keeper = Keeper(done, self._people, tell, dry=dry)

    def run(self) -> None:
        """Take in all of it; when dry, look at the pictures alone."""
        if not self._dry:
            self._take_rows()
        for record in self._rows("images", images.checked):
            self._keep(record)
        self._keeper.finish()
        if self._dry:
            return
        self._take_sheets()
        # Last: what is counted by their rows is so much already.
        for some in self._parts("prompts", _prompt):
            added = prompt_book.use_at_least(some)
            history_revision.bump()
            db.session.commit()
            self._done.taken["prompts"] += added

    def _take_rows(self) -> None:
        for some in self._parts("keys", people.checked):
            self._people.add(some)
            db.session.commit()
        self._add("templates", _template, PromptTemplate, ("name", "version"))
        self._add("searches", _search, SavedSearch, ("name",))
        self._add("batches", _batch, Batch, ("id",))
        for some in self._parts("generations", generations.checked):
            added, here = generations.add(some, self._people)
            db.session.commit()
            self._done.taken["generations"] += added
            self._done.here["generations"] += here
            for row in some:
                self._keeper.note_inputs(row)
        for some in self._parts("purged", purged.checked):
            added = purged.add(some, self._people)
            db.session.commit()
            self._done.taken["purged"] += added
            self._done.here["purged"] += len(some) - added

    def _take_sheets(self) -> None:
        """Take in the proof sheets, whose pictures are here by now. Older exports have none."""
        if self._origin.find(f"{self._folder}sheets.jsonl") is None:
            return
        for some in self._parts("sheets", sheets.checked):
            for row in some:
                key_id = self._people.key_id(row["made_by"])
                is_new = sheets.add(row, self._keeper.here, key_id)
                counts = self._done.taken if is_new else self._done.here
                counts["sheets"] += 1
            history_revision.bump()
            db.session.commit()
            db.session.expunge_all()

    def _keep(self, record: images.ImageRecord) -> None:
        name = self._folder + record.file
        try:
            file = found(self._origin, name)
            data = read(self._origin, file, current_settings().max_picture_bytes)
            self._keeper.add(record.incoming(name, data))
        except (InvalidInput, Unreadable) as error:
            self._done.skip(name, str(error))
            self._tell(1)

    def _add(
        self, kind: str, check: Callable[[Any], Row], model: Any, key: tuple[str, ...]
    ) -> None:
        """Add and commit rows whose keys are not here yet."""
        for some in self._parts(kind, check):
            for row in some:
                same = [getattr(model, name) == row[name] for name in key]
                is_new = db.session.scalar(select(model).where(*same).limit(1)) is None
                counts = self._done.taken if is_new else self._done.here
                counts[kind] += 1
                if is_new:
                    self._insert(model, row)
            db.session.commit()
            db.session.expunge_all()

    def _insert(self, model: Any, row: Row) -> None:
        if "made_by" in row:
            row["api_key_id"] = self._people.key_id(row.pop("made_by"))
        db.session.add(model(**row))
        db.session.flush()

    def _parts(self, kind: str, check: Callable[[Any], Any]) -> Iterator[list[Any]]:
        """Yield those of a kind in lists that fit into a statement, and into memory."""
        part: list[Any] = []
        begin = self._text
        for row in self._rows(kind, check):
            part.append(row)
            if len(part) == BATCH or self._text - begin >= PART_BYTES:
                yield part
                part, begin = [], self._text
        if part:
            yield part

    def _rows(self, kind: str, check: Callable[[Any], Any]) -> Iterator[Any]:
        """Yield the lines of a kind that are as they must be, and note the others."""
        name = f"{self._folder}{kind}.jsonl"
        for number, line in enumerate(self._lines(name), start=1):
            try:
                yield check(json.loads(line))
            except InvalidInput as error:
                self._done.skip(f"{name}:{number}", str(error))
            except (ValueError, RecursionError):
                self._done.skip(f"{name}:{number}", "This is no JSON.")

    def _lines(self, name: str) -> Iterable[bytes]:
        try:
            for line in lines(self._origin, found(self._origin, name)):
                self._text += len(line)
                if self._text > MOST_TEXT:
                    reason = f"The export has more than {MOST_TEXT:,} bytes of lines."
                    self._done.skip(name, reason)
                    return
                yield line
        except Unreadable as error:
            self._done.skip(name, str(error))


def _template(record: Any) -> Row:
    row = decoded(kinds.TEMPLATE, record, ("name", "version", "text", "created_at"))
    check_template(row["name"], row["text"])
    if row["version"] < 1:
        raise InvalidInput("Versions count from 1.", field="version")
    return row


def _prompt(record: Any) -> tuple[str, int, datetime, datetime]:
    row = decoded(kinds.PROMPT, record, ("text", "uses", "first_used_at", "last_used_at"))
    if row["uses"] < 1 or row["first_used_at"] > row["last_used_at"]:
        raise InvalidInput("Its uses and times do not fit together.", field="uses")
    words = clean_prompt(row["text"], LARGEST_NUMBER)
    return words, row["uses"], row["first_used_at"], row["last_used_at"]


def _search(record: Any) -> Row:
    row = decoded(kinds.SEARCH, record, ("name", "query", "created_at"))
    lists = [value for value in row["query"].values() if isinstance(value, list)]
    texts = [each for value in lists for each in value]
    whole = len(lists) == len(row["query"]) and all(isinstance(each, str) for each in texts)
    if not is_label(row["name"]) or not whole:
        raise InvalidInput("This is no search.", field="query")
    return row


def _batch(record: Any) -> Row:
    row = decoded(kinds.BATCH, record, ("id", "created_at"))
    if not ULID_TEXT.fullmatch(row["id"]) or not 1 <= row["total"] <= row["pictures"]:
        raise InvalidInput("Its id, total and pictures do not fit together.", field="id")
    # Nobody goes on with it here.
    finished = row["finished_at"] or row["cancelled_at"] or utc_now()
    return {**row, "finished_at": finished, "made_by": record.get("made_by")}
