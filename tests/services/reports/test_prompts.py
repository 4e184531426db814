"""The report about prompts says what counting all rows by hand says."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey, Generation, Image, ImageTag, Role, Status
from app.models.generation import new_id
from app.models.image_filter import position_of
from app.models.prompt_book import use_many
from app.models.reporting.prompts import lists
from app.models.reporting.prompts.words import frequencies
from app.models.reporting.rebuild import rebuild
from app.models.search import normalise
from app.models.types import utc_now
from app.services.endings import end_generations
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.marks.change import Marks, put
from app.services.marks.one import change_image
from app.services.reports.periods import By
from app.services.reports.prompts import prompts
from app.services.reports.question import ask
from tests.models.samples import ON_SQLITE, generation, many_images

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LISTS = ("most_used", "most_recent", "most_kept", "most_failed", "never_reused")
WORDS = ("red", "blue", "old", "fox", "owl", "harbour", "in", "the", "snow", "狐狸")


def words(chance: random.Random) -> str:
    """Return a prompt that others may have as well, in another wording."""
    text = " ".join(chance.choices(WORDS, k=chance.choice((1, 1, 2, 3, 6))))
    return chance.choice((text, text.upper(), f" {text} "))


def history(asked: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Commit generations, an hour apart, their images and images without one; return the rows."""
    chance = random.Random(3)  # noqa: S311 - the same each time
    db.session.add(ApiKey(name="ana", prefix="ps_", sha256="a" * 60, role=Role.CREATOR))
    db.session.commit()
    generations, images = [], []
    for number in range(asked):
        at = BEGIN + number * HOUR
        common = {
            "prompt": words(chance),
            "created_at": at,
            "provider": "gemini",
            "model": chance.choice(("small", "large")),
            "api_key_id": chance.choice((None, 1)),
            "project": chance.choice((None, "zoo")),
        }
        status = chance.choice((Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED))
        row = {**common, "id": new_id(at), "status": status, "template": chance.choice((None, "p"))}
        owner = row if chance.random() < 0.8 else None
        if owner:
            generations.append(row)
        for ordinal in range(chance.choice((0, 1, 3)) if status == Status.SUCCEEDED else 0):
            position = position_of(at) + ordinal
            tags = chance.random() < 0.3
            images.append(
                {
                    **common,
                    "owner": owner,
                    "ordinal": ordinal,
                    "position": position,
                    "tagged": tags,
                    "favourite": chance.random() < 0.3,
                }
            )
    uses = [*generations, *(each for each in images if not each["owner"])]
    ids = use_many((each["prompt"], each["created_at"]) for each in uses)
    by_text = {normalise(each["prompt"]): prompt for each, prompt in zip(uses, ids, strict=True)}
    for each in (*generations, *images):
        each["prompt_id"] = by_text[normalise(each["prompt"])]
    keep(generations, images)
    return generations, images


def keep(generations: list[dict[str, Any]], images: list[dict[str, Any]]) -> None:
    plain = {"final_prompt": "", "aspect_ratio": "1:1", "size": "1K"}
    db.session.execute(insert(Generation), [{**plain, **row} for row in generations])
    picture = {"width": 1, "height": 1, "byte_count": 1, "mime_type": "image/png", "color": "#000"}
    rows = [
        {
            **{name: value for name, value in each.items() if name not in ("owner", "tagged")},
            "id": number,
            "generation_id": each["owner"] and each["owner"]["id"],
            "sha256": "0" * 64,
            **picture,
        }
        for number, each in enumerate(images, start=1)
    ]
    db.session.execute(insert(Image), rows)
    tagged = [row["id"] for row, each in zip(rows, images, strict=True) if each["tagged"]]
    db.session.execute(insert(ImageTag), [{"image_id": each, "tag": "best"} for each in tagged])
    db.session.commit()


def used(text: str, at: datetime) -> None:
    """Commit a generation with these words."""
    generation(id=new_id(at), prompt=text, created_at=at)


class Oracle:
    """Counts all rows that a question is about, one after the other."""

    def __init__(
        self, generations: list[Any], images: list[Any], since: int, until: int, **only: Any
    ) -> None:
        self.times = BEGIN + since * HOUR, BEGIN + until * HOUR
        self.tag = only.pop("tag", None)
        self.only = {("api_key_id" if k == "key" else k): v for k, v in only.items()}
        self.total = Counter(each["prompt_id"] for each in generations)
        self.total.update(each["prompt_id"] for each in images if not each["owner"])
        asked = [each for each in generations if self.has(each, each) and not self.tag]
        made = [each for each in images if self.has(each, each["owner"] or each)]
        made = [each for each in made if each["tagged"] or not self.tag]
        uses = [*asked, *(each for each in made if not each["owner"])]
        if self.tag:
            uses += {each["owner"]["id"]: each["owner"] for each in made if each["owner"]}.values()
        self.uses = Counter(each["prompt_id"] for each in uses)
        self.failures = Counter(e["prompt_id"] for e in asked if e["status"] == Status.FAILED)
        self.images = Counter(each["prompt_id"] for each in made)
        self.favourites = Counter(each["prompt_id"] for each in made if each["favourite"])
        self.last: dict[int, datetime] = {}
        for each in sorted(uses, key=lambda each: each["created_at"]):
            self.last[each["prompt_id"]] = each["created_at"]

    def has(self, row: dict[str, Any], owner: dict[str, Any]) -> bool:
        since, until = self.times
        wanted = {name: 1 if name == "api_key_id" else value for name, value in self.only.items()}
        values = {name: (owner if name == "template" else row).get(name) for name in wanted}
        return since <= row["created_at"] < until and values == wanted

    def lists(self, limit: int, newest: dict[int, datetime]) -> dict[str, list[int]]:
        """Return what each list must hold; `newest` is when prompts were used last at all times."""
        rate = {p: n / self.images[p] for p, n in self.favourites.items() if self.images[p] >= 3}
        once = {p: at for p, at in self.last.items() if self.total[p] == 1 and self.uses[p]}
        orders = {
            "most_used": {p: (n, self.total[p], newest[p]) for p, n in self.uses.items()},
            "most_recent": {p: (at, p) for p, at in self.last.items()},
            "most_kept": {p: (share, self.favourites[p], p) for p, share in rate.items()},
            "most_failed": {p: (n, p) for p, n in self.failures.items()},
            "never_reused": {p: (at, p) for p, at in once.items()},
        }
        return {
            name: sorted(order, key=order.__getitem__, reverse=True)[:limit]
            for name, order in orders.items()
        }


QUESTIONS = (
    {"since": 0, "until": 400},
    {"since": 100, "until": 300},
    {"since": 0, "until": 400, "model": "small"},
    {"since": 50, "until": 390, "key": "ana", "provider": "gemini"},
    {"since": 0, "until": 350, "project": "zoo"},
    {"since": 20, "until": 400, "template": "p"},
    {"since": 10, "until": 350, "tag": "best"},
    {"since": 400, "until": 401, "model": "small"},
)


def test_lists_and_numbers_are_those_of_counting_all_rows(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    generations, images = history(400)
    rebuild(db.session.connection())
    always = Oracle(generations, images, 0, 400)
    for most, question in product((lists.MOST_ROWS, 0), QUESTIONS):
        monkeypatch.setattr(lists, "MOST_ROWS", most)  # with none, all come from the indexes
        lists.forget_all()
        oracle = Oracle(generations, images, **question)
        since, until = oracle.times
        only = {k: v for k, v in question.items() if k not in ("since", "until")}
        rows = prompts(ask(since, until, By.MONTH, **only), limit=7).rows  # type: ignore[arg-type]
        found = {n: [row["prompt_id"] for row in rows if row["list"] == n] for n in LISTS}
        assert found == oracle.lists(7, always.last), question
        for row in rows:
            for name in ("uses", "images", "favourites", "failures"):
                assert row[name] == getattr(oracle, name)[row["prompt_id"]], (question, name, row)
            at = oracle.last[row["prompt_id"]].isoformat().replace("+00:00", "Z")
            assert row["last_used_at"] == at


@ON_SQLITE
def test_wordings_are_one_and_told_as_they_were_last(context: Flask) -> None:
    for hour, text in enumerate(("A red fox", "a  RED fox", "An owl")):
        used(text, BEGIN + hour * HOUR)
    rows = prompts(ask(BEGIN, BEGIN + 9 * HOUR)).rows
    assert [(row["text"], row["uses"]) for row in rows if row["list"] == "most_used"] == [
        ("a  RED fox", 2),
        ("An owl", 1),
    ]
    assert [row["text"] for row in rows if row["list"] == "never_reused"] == ["An owl"]


@ON_SQLITE
def test_what_happens_meanwhile_is_told(context: Flask) -> None:
    def told(text: str) -> list[Any]:
        [row] = [r for r in prompts(ask()).rows if (r["list"], r["text"]) == ("most_used", text)]
        return [row[name] for name in ("uses", "images", "favourites", "failures")]

    service = ImageGeneratorService()
    [image] = service.generate(GenerationRequest("A fox")).images
    assert told("A fox") == told("A fox") == [1, 1, 0, 0]
    asked = service.submit(GenerationRequest("A fox"))
    assert told("A fox") == [2, 1, 0, 0]
    end_generations(Generation.id == asked.id, status=Status.FAILED, error_code="interrupted")
    db.session.commit()
    assert told("A fox") == [2, 1, 0, 1]
    change_image(image.id, put(Marks(favourite=True)))
    assert told("A fox") == [2, 1, 1, 1]


@ON_SQLITE
def test_words_and_phrases_are_told_with_how_many_prompts_they_are_from(context: Flask) -> None:
    for hour, text in enumerate(("A red fox", "the Red Fox in snow", "Before")):
        used(text, BEGIN - hour * HOUR)
    report = prompts(ask(BEGIN - HOUR, BEGIN + HOUR)).record()
    assert report["words"][:2] == [{"word": "fox", "count": 2}, {"word": "red", "count": 2}]
    assert report["phrases"] == [{"phrase": "red fox", "count": 2}]
    assert report["words_from"] == 2
    assert "those of 2 prompts" in report["notes"][-1]


@ON_SQLITE
def test_words_are_counted_anew_after_a_while_and_it_is_said_when_they_were(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[list[Any], int]:
        report = prompts(ask(BEGIN, BEGIN + 9 * HOUR, tz="Asia/Kathmandu"))
        at = utc_now().astimezone(report.question.zone)
        minute = (
            f"counted at {at - back:%H:%M}" in report.notes[-1] for back in (0 * HOUR, HOUR / 60)
        )
        assert any(minute)
        return [row["word"] for row in report.more["words"]], len(report.rows)

    used("A fox", BEGIN)
    _, rows = told()
    used("An owl", BEGIN + HOUR)
    assert told() == (["fox"], 2 * rows)
    monkeypatch.setattr(lists, "RECOUNT_AFTER", 0)
    assert told() == (["fox", "owl"], 2 * rows)


def test_phrases_hold_no_stop_word_and_do_not_reach_into_the_next_prompt() -> None:
    found = frequencies(["red fox in snow", "owl red fox", "狐 狸 狐 狸", "don t fox"], 20)
    assert dict(found.phrases) == {"red fox": 2, "owl red": 1, "狐狸": 2, "狸狐": 1}
    assert dict(found.words) == {
        "fox": 3,
        "red": 2,
        "snow": 1,
        "owl": 1,
        "狐": 2,
        "狸": 2,
        "don": 1,
    }


def test_the_most_frequent_phrases_are_exact_among_many_words() -> None:
    chance = random.Random(4)  # noqa: S311 - the same each time
    texts = [
        " ".join(f"w{int(chance.paretovariate(0.6))}" for _ in range(20)) for _ in range(2_000)
    ]
    texts += ["rare pair"] * 3
    pairs = Counter(
        pair for text in texts for pair in zip(text.split(), text.split()[1:], strict=False)
    )
    wanted = sorted(pairs.items(), key=lambda each: (-each[1], each[0]))[:300]
    assert frequencies(texts, 300).phrases == [(" ".join(pair), n) for pair, n in wanted]


@ON_SQLITE
def test_a_limit_that_does_not_fit_is_named(context: Flask) -> None:
    for limit in (0, 101):
        with pytest.raises(InvalidInput, match="1 to 100"):
            prompts(ask(), limit)


@ON_SQLITE
def test_prompts_that_were_forgotten_are_not_told(context: Flask) -> None:
    many_images([BEGIN], prompt_id=77)
    assert prompts(ask(BEGIN, BEGIN + HOUR)).rows == []
