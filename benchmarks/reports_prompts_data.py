"""Uses of prompts, made up: generations, failures, images and favourites over two years."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert

from app.extensions import db
from app.models import ApiKey, Generation, Image, ImageTag, PromptText, Role, Status
from app.models.generation import new_id
from app.models.image_filter import position_of
from app.models.past_prompt import prompt_key
from app.models.prompt_row import PROMPTS
from app.models.reporting.rebuild import rebuild
from app.models.search import normalise
from benchmarks.history_data import MANNERS, MODELS, PLACES, SUBJECTS, WEIGHTS

BATCH = 10_000
BEGIN = datetime(2024, 11, 1, tzinfo=UTC)
YEARS = 2
KEYS = ("ana", "ben", "eve")
# Of so many uses one is of a prompt that others used, the most popular ones most; of a failure; …
REUSED = 3
FAILED = 30
TAGGED = 100
LOOSE = 200
FAVOURITE = 50


def build(uses: int) -> None:
    """Commit so many uses, nearly all of them generations with an image, with all that is booked."""
    chance = random.Random(1)  # noqa: S311 - the same each time
    keys = [{"name": name, "prefix": "ps_", "sha256": name, "role": Role.CREATOR} for name in KEYS]
    db.session.execute(insert(ApiKey), keys)
    step = timedelta(days=365 * YEARS) / uses
    counted: Counter[int] = Counter()
    first: dict[int, datetime] = {}
    last: dict[int, datetime] = {}
    for start in range(0, uses, BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {Generation: [], Image: [], ImageTag: []}
        for number in range(start, min(start + BATCH, uses)):
            at = BEGIN + step * number
            prompt = _prompt(number, chance)
            counted[prompt] += 1
            first.setdefault(prompt, at)
            last[prompt] = at
            _add(rows, number, prompt, at, chance)
        for table, some in rows.items():
            db.session.execute(insert(cast(Table, table.__table__)), some)
        db.session.commit()
    _book(counted, first, last, random.Random(2))  # noqa: S311 - as above
    rebuild(db.session.connection())
    db.session.commit()


def _prompt(number: int, chance: random.Random) -> int:
    """Return which prompt is used: a new one, or a popular one."""
    if chance.randrange(REUSED):
        return number + 1
    return max(1, int(number * chance.random() ** 4))


def _add(
    rows: dict[Any, list[dict[str, Any]]],
    number: int,
    prompt: int,
    at: datetime,
    chance: random.Random,
) -> None:
    status = Status.SUCCEEDED if chance.randrange(FAILED) else Status.FAILED
    model = chance.choices(MODELS, WEIGHTS)[0]
    common = {
        "prompt": f"Prompt {prompt}",
        "prompt_id": prompt,
        "created_at": at,
        "model": model,
        "provider": "gemini",
        "aspect_ratio": "1:1",
        "size": "1K",
        "project": chance.choice((None, "acme")),
        "api_key_id": chance.randint(1, len(KEYS)),
    }
    owner = None
    if chance.randrange(LOOSE):
        owner = new_id(at)
        asked = {"id": owner, "status": status, "final_prompt": common["prompt"], "variables": {}}
        ended = {"n": 1, "done": int(status == Status.SUCCEEDED), "attempts": 1}
        code = None if status == Status.SUCCEEDED else "rate_limited"
        rows[Generation].append({**common, **asked, **ended, "error_code": code})
        if status == Status.FAILED:
            return
    picture = {"width": 1024, "height": 1024, "byte_count": 300_000, "mime_type": "image/jpeg"}
    image = {**picture, "sha256": f"{number:064x}", "color": "#445566", "revision": 1}
    rows[Image].append(
        {
            **common,
            **image,
            "id": number + 1,
            "position": position_of(at),
            "generation_id": owner,
            "ordinal": 0 if owner else None,
            "source": "generated",
            "favourite": not chance.randrange(FAVOURITE),
        }
    )
    if not chance.randrange(TAGGED):
        rows[ImageTag].append({"image_id": number + 1, "tag": "best"})


def _book(
    counted: Counter[int],
    first: dict[int, datetime],
    last: dict[int, datetime],
    chance: random.Random,
) -> None:
    """Add the prompts and their words; the index by words has no part in reports."""
    prompts = sorted(counted)
    for start in range(0, len(prompts), BATCH):
        some = prompts[start : start + BATCH]
        texts = {prompt: _words(prompt, chance) for prompt in some}
        rows = [
            {
                "id": prompt,
                "key": prompt_key(texts[prompt]),
                "text": texts[prompt],
                "beginning": normalise(texts[prompt])[:60],
                "uses": counted[prompt],
                "first_used_at": first[prompt],
                "last_used_at": last[prompt],
                "position": position_of(last[prompt]),
            }
            for prompt in some
        ]
        db.session.execute(insert(PROMPTS), rows)
        words = [{"position": r["position"], "text": normalise(r["text"])} for r in rows]
        db.session.execute(insert(cast(Table, PromptText.__table__)), words)
        db.session.commit()


def _words(prompt: int, chance: random.Random) -> str:
    subject, place, manner = map(chance.choice, (SUBJECTS, PLACES, MANNERS))
    detail = " ".join(f"detail{int(chance.paretovariate(0.5)) % 50_000}" for _ in range(14))
    return f"A {subject} {place}, {manner} style, {detail} number{prompt}"
