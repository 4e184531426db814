"""What each tool does, and how it says no."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
from flask import Flask
from mcp_types import CallToolResult
from sqlalchemy import func, select

from app.cli.mcp.drawing import drawn
from app.cli.mcp.previews import MOST_BYTES
from app.extensions import db
from app.imaging import encode_base64, look
from app.models import Generation, Role, Source, Worker
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.picture_file import picture_file
from app.providers.base import ContentBlocked
from app.services.keys import create_key, revoke_key
from app.services.marks.change import Marks, put
from app.services.marks.one import change_image
from app.services.templates import save_template
from tests.cli.mcp.conftest import Ask, asking, desk_of, told, words
from tests.fakes.jobs import install_jobs
from tests.fakes.providers import install
from tests.models.samples import ON_SQLITE
from tests.pictures import noise, picture


def pictures(result: CallToolResult) -> list[tuple[str, bytes]]:
    """Return the type and the bytes of each picture that is shown."""
    return [
        (each.mime_type, base64.b64decode(each.data))
        for each in result.content
        if each.type == "image"
    ]


def generations(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Generation)) or 0


def refused(ask: Ask, tool: str, arguments: dict[str, Any], hint: str) -> None:
    result = ask(tool, **arguments)
    assert result.is_error
    assert hint in words(result), arguments
    assert result.structured_content is None


def test_pictures_are_drawn_kept_and_shown(ask: Ask, app: Flask) -> None:
    result = ask("generate_image", prompt="A fox", n=2, aspect_ratio="16:9", project="zoo")
    answer = told(result)
    assert answer["generation"]["status"] == "succeeded"
    assert [(each["id"], each["project"]) for each in answer["images"]] == [(1, "zoo"), (2, "zoo")]
    shown = pictures(result)
    assert [kind for kind, _ in shown] == ["image/webp", "image/webp"]
    assert max(look(shown[0][1]).width, look(shown[0][1]).height) == 640
    with app.app_context():
        kept = ImageManager().get(1)
        assert (kept.prompt, kept.api_key and kept.api_key.name) == ("A fox", "the creator")


def test_a_template_is_filled(ask: Ask, app: Flask) -> None:
    with app.app_context():
        save_template("poster", "{user_input} in {style}")
    answer = told(
        ask("generate_image", prompt="Mist", template="poster", variables={"style": "oil"})
    )
    assert answer["generation"]["final_prompt"] == "Mist in oil"


def test_an_edit_has_its_pictures_for_parents(ask: Ask) -> None:
    told(ask("generate_image", prompt="A fox", n=2))
    answer = told(ask("edit_image", prompt="Both in snow", images=[2, 1]))
    assert answer["images"][0]["parents"] == [2, 1]
    assert answer["images"][0]["aspect_ratio"] == "16:9", "as the first picture"
    square = told(ask("edit_image", prompt="In snow", images=[1], aspect_ratio="1:1"))
    assert square["images"][0]["aspect_ratio"] == "1:1"


def test_pictures_that_are_sent_along_are_kept_and_known_again(ask: Ask, app: Flask) -> None:
    told(ask("generate_image", prompt="A fox"))
    sent = [encode_base64(picture(color=each)) for each in ("red", "blue")]
    first = told(ask("edit_image", prompt="All of them", images=[1], pictures=sent))
    assert first["images"][0]["parents"] == [1, 2, 3]
    again = told(ask("edit_image", prompt="Only this", images=[3], pictures=[sent[1]]))
    assert again["images"][0]["parents"] == [3]
    with app.app_context():
        uploads = ImageManager().slice(ImageFilter(source=Source.UPLOAD), None).items
        assert [(each.id, each.columns["made_by"]) for each in uploads] == [
            (3, "the creator"),
            (2, "the creator"),
        ]


def test_pictures_that_are_sent_along_are_not_kept_of_what_is_refused(ask: Ask, app: Flask) -> None:
    good = encode_base64(picture())
    for hint, wishes in {
        "field size": {"size": "9K", "pictures": [good]},
        "field pictures.1": {"pictures": [good, "?"]},
        "There is no image 99": {"images": [99], "pictures": [good]},
        "Give images, pictures or both": {},
    }.items():
        refused(ask, "edit_image", {"prompt": "A fox", **wishes}, hint)
    with app.app_context():
        assert ImageManager().count(ImageFilter(deleted="include")) == 0


def test_where_nobody_can_draw_nothing_is_recorded(
    make_app: Callable[..., Flask], tokens: dict[str, str]
) -> None:
    app = make_app(provider="gemini")
    result = asking(app, tokens["creator"])("generate_image", prompt="A fox")
    assert "GEMINI_API_KEY" in words(result)
    assert generations(app) == 0


def test_what_is_not_drawn_in_time_goes_on_and_can_be_asked_after(
    app: Flask, tokens: dict[str, str]
) -> None:
    ask = asking(app, tokens["creator"])  # nobody works here
    answer = told(ask("generate_image", prompt="A fox", wait_seconds=0))
    generation = answer["generation"]
    assert (generation["status"], answer["images"]) == ("queued", [])
    assert "Do not ask for it anew" in answer["hint"]
    later = told(ask("search_history", generation=generation["id"]))
    assert later["generation"]["status"] == "queued"


@ON_SQLITE
def test_what_the_provider_puts_off_says_until_when(app: Flask, tokens: dict[str, str]) -> None:
    ask = asking(app, tokens["creator"])  # nobody works here
    waiting = told(ask("generate_image", prompt="A fox", wait_seconds=0))["generation"]["id"]
    with app.app_context():
        row = db.session.get_one(Generation, waiting)
        row.error_code, row.error_message = "rate_limited", "Gemini takes no more just now."
        row.next_try_at = datetime(2030, 5, 1, 12, tzinfo=UTC)
        db.session.add(Worker(name="one", token="0" * 26))
        db.session.commit()
        hint = drawn(row).told["hint"]
    assert "Gemini takes no more just now. It is tried again" in hint
    assert "next at 2030-05-01 12:00:00 UTC" in hint


def test_a_failure_is_told_with_its_generation(ask: Ask, app: Flask) -> None:
    install(app, ContentBlocked("Refused: SAFETY.", reason="SAFETY"))
    result = ask("generate_image", prompt="A fox")
    assert result.is_error
    with app.app_context():
        generation = db.session.scalars(select(Generation)).one()
    assert words(result) == f"Refused: SAFETY. (content_blocked; generation {generation.id})"


def test_some_of_many_pictures_and_why_the_others_are_missing(ask: Ask, app: Flask) -> None:
    install(app, picture(), ContentBlocked("Refused: SAFETY.", reason="SAFETY"))
    answer = told(ask("generate_image", prompt="A fox", n=2))
    assert (answer["generation"]["done"], len(answer["images"])) == (1, 1)
    assert answer["generation"]["error"]["code"] == "content_blocked"


@ON_SQLITE
def test_previews_of_many_pictures_fit_into_one_answer(ask: Ask, app: Flask) -> None:
    install(app, noise(1024))
    [(_, first)] = pictures(ask("generate_image", prompt="Noise"))
    assert len(first) * 10 > MOST_BYTES
    result = ask("generate_image", prompt="Noise", n=10)
    shown = [data for _, data in pictures(result)]
    assert {look(data).width for data in shown} == {320}
    assert sum(map(len, shown)) <= MOST_BYTES
    left_out = "get_image shows the others" in (told(result)["hint"] or "")
    assert left_out is (len(shown) < 10)


def test_the_history_is_found_slice_by_slice(ask: Ask) -> None:
    for prompt in ("A red fox", "A hare", "A fox at night"):
        told(ask("generate_image", prompt=prompt, size="512"))
    first = told(ask("search_history", query="fox", limit=1, since="7d"))
    assert [each["id"] for each in first["images"]] == [3]
    second = told(
        ask("search_history", query="fox", limit=5, since="7d", cursor=first["next_cursor"])
    )
    assert ([each["id"] for each in second["images"]], second["next_cursor"]) == ([1], None)


def test_the_history_is_narrowed(ask: Ask, app: Flask) -> None:
    told(ask("generate_image", prompt="A pier", size="512"))
    told(ask("generate_image", prompt="A hare", size="512", project="zoo"))
    with app.app_context():
        change_image(1, put(Marks(favourite=True, tags=["sea"])))
    wanted: list[tuple[dict[str, Any], list[int]]] = [
        ({"favourite": True}, [1]),
        ({"favourite": False}, [2]),
        ({"tag": "sea"}, [1]),
        ({"project": "zoo"}, [2]),
        ({"model": "sketch-1"}, [2, 1]),
        ({"until": "2020-01-01"}, []),
        ({"query": None, "since": None}, [2, 1]),
    ]
    for arguments, ids in wanted:
        found = told(ask("search_history", **arguments))
        assert [each["id"] for each in found["images"]] == ids, arguments


def test_a_picture_is_shown_at_the_wanted_size(ask: Ask, app: Flask) -> None:
    install(app, picture("JPEG", (2048, 1024)))
    told(ask("generate_image", prompt="A fox"))
    for size, kind, width in (
        ("thumbnail", "image/webp", 640),
        ("large", "image/webp", 1568),
        ("original", "image/jpeg", 2048),
    ):
        result = ask("get_image", id=1, size=size)
        [(mime_type, data)] = pictures(result)
        assert (mime_type, look(data).width) == (kind, width)
        assert told(result)["image"]["prompt"] == "A fox"
        assert told(result)["shown_bytes"] == len(data)


@ON_SQLITE
def test_an_original_that_is_too_large_is_not_shown(ask: Ask, app: Flask) -> None:
    install(app, noise(2100))
    told(ask("generate_image", prompt="Noise"))
    refused(ask, "get_image", {"id": 1, "size": "original"}, "Ask for the size large.")


def test_the_original_is_what_was_kept_byte_for_byte(ask: Ask, app: Flask) -> None:
    told(ask("generate_image", prompt="A fox"))
    [(_, data)] = pictures(ask("get_image", id=1, size="original"))
    with app.app_context():
        assert data == picture_file(1).read()


def test_usage_is_reported_without_periods_of_nothing(ask: Ask) -> None:
    told(ask("generate_image", prompt="A fox", n=2, project="zoo"))
    report = told(ask("usage_report", since="30d", by="day", tz="Asia/Tokyo", split="project"))
    assert [(row["project"], row["images"]) for row in report["rows"]] == [("zoo", 2)]
    assert (report["totals"]["images"], report["tz"]) == (2, "Asia/Tokyo")


def test_links_lead_to_the_public_address(
    make_app: Callable[..., Flask], tokens: dict[str, str]
) -> None:
    app = make_app(public_url="https://pictures.example.org/")
    install_jobs(app)
    answer = told(asking(app, tokens["creator"])("generate_image", prompt="A fox"))
    assert answer["images"][0]["page"] == "https://pictures.example.org/images/1"


def test_a_viewers_key_draws_nothing(app: Flask, tokens: dict[str, str]) -> None:
    ask = asking(app, tokens["viewer"])
    for result in (
        ask("generate_image", prompt="A fox"),
        ask("edit_image", prompt="A fox", images=[1]),
    ):
        assert result.is_error
        assert words(result).startswith("This needs a key with the role creator; yours is viewer.")
    assert generations(app) == 0


def test_a_viewers_key_reads(app: Flask, tokens: dict[str, str], ask: Ask) -> None:
    told(ask("generate_image", prompt="A fox"))
    reading = asking(app, tokens["viewer"])
    told(reading("get_image", id=1))
    told(reading("search_history"))
    told(reading("usage_report"))


def test_a_revoked_key_ends_it(app: Flask) -> None:
    with app.app_context():
        token = create_key("laptop", Role.CREATOR)[1]
    ask = asking(app, token)
    told(ask("search_history"))
    with app.app_context():
        revoke_key("laptop")
    for tool, arguments in (("search_history", {}), ("generate_image", {"prompt": "A fox"})):
        result = ask(tool, **arguments)
        assert result.is_error
        assert "revoked" in words(result)
    assert generations(app) == 0


def test_the_limit_of_a_key_holds(app: Flask) -> None:
    with app.app_context():
        token = create_key("laptop", Role.VIEWER, requests_per_minute=1)[1]
    ask = asking(app, token)
    told(ask("search_history"))
    assert "too_many_requests" in words(ask("search_history"))


def test_a_budget_holds_and_nothing_is_recorded(
    make_app: Callable[..., Flask], tokens: dict[str, str]
) -> None:
    app = make_app(gemini_api_key="x", daily_budget=0)
    result = asking(app, tokens["creator"])("generate_image", prompt="A fox")
    assert result.is_error
    assert "over_budget" in words(result)
    assert generations(app) == 0


def test_where_all_places_to_wait_are_taken_nothing_is_recorded(
    make_app: Callable[..., Flask], tokens: dict[str, str]
) -> None:
    app = make_app(max_waiting=0)
    result = asking(app, tokens["creator"])("generate_image", prompt="A fox")
    assert "busy; again after 5 s" in words(result)
    assert generations(app) == 0


NOT_THERE: list[tuple[str, dict[str, Any], str]] = [
    ("generate_image", {"prompt": "x", "model": "dall-e-9"}, "dall-e-9"),
    ("generate_image", {"prompt": "x", "template": "none"}, "not_found"),
    ("generate_image", {"prompt": "x", "template": "a\0"}, "a"),
    ("edit_image", {"prompt": "x", "images": [99]}, "There is no image 99"),
    ("edit_image", {"prompt": "x", "images": [2**70]}, "not_found"),
    ("search_history", {"generation": "x"}, "There is no generation"),
    ("get_image", {"id": 99}, "There is no image 99"),
    ("get_image", {"id": -(2**70)}, "not_found"),
    ("usage_report", {"project": "nobody"}, "field project"),
]


def test_what_is_not_there_is_said_in_words(ask: Ask, app: Flask) -> None:
    for tool, arguments, hint in NOT_THERE:
        refused(ask, tool, arguments, hint)
    assert generations(app) == 0


NOT_FITTING: list[tuple[str, dict[str, Any], str]] = [
    ("generate_image", {}, "prompt: Field required"),
    ("generate_image", {"prompt": " "}, "say what to draw"),
    ("generate_image", {"prompt": "x\0"}, "invalid_prompt"),
    ("generate_image", {"prompt": "x", "colour": "red"}, "colour: Extra inputs"),
    ("generate_image", {"prompt": "x", "n": 0}, "n: "),
    ("generate_image", {"prompt": "x", "n": 11}, "n is 1 to 10 pictures. (invalid_input; field n)"),
    ("generate_image", {"prompt": "x", "n": "2"}, "n: "),
    ("generate_image", {"prompt": "x", "size": "9K"}, "field size"),
    ("generate_image", {"prompt": "x", "seed": -1}, "field seed"),
    ("edit_image", {"prompt": "x", "images": ["1"]}, "images.0: "),
    ("search_history", {"limit": 51}, "limit: "),
    ("search_history", {"since": "whenever"}, "since: this is no time"),
    ("search_history", {"cursor": "?"}, "This is no cursor"),
    ("search_history", {"tag": "a\0"}, "tag: "),
    ("get_image", {"id": 1, "size": "huge"}, "size: "),
    ("usage_report", {"tz": "Atlantis"}, "tz: it must be a time zone"),
    ("usage_report", {"since": "today", "until": "yesterday"}, "since must be earlier"),
    ("usage_report", {"by": "year"}, "by: "),
]


@ON_SQLITE
def test_what_does_not_fit_is_said_in_words(ask: Ask, app: Flask) -> None:
    for tool, arguments, hint in NOT_FITTING:
        refused(ask, tool, arguments, hint)
    assert generations(app) == 0


@ON_SQLITE
def test_a_fault_of_ours_tells_nothing_of_itself(ask: Ask, app: Flask) -> None:
    app.extensions["providers"] = None
    assert words(ask("generate_image", prompt="A fox")).startswith("Something broke on our side")


@ON_SQLITE
def test_a_database_that_is_away_is_said_so(ask: Ask, app: Flask) -> None:
    with app.app_context():
        for table in ("api_keys", "workers", "generations"):
            db.session.execute(db.text(f"ALTER TABLE {table} RENAME TO no_{table}"))
        db.session.commit()
    assert words(ask("search_history")).startswith("The database cannot be used just now")
    assert len(desk_of(app, "").tools()) == 5


@ON_SQLITE
def test_every_tool_is_listed_with_schemas_that_its_answers_fit(ask: Ask, app: Flask) -> None:
    listed = {each.name: each for each in desk_of(app, "").tools()}
    assert list(listed) == [
        *("generate_image", "edit_image", "search_history", "get_image", "usage_report")
    ]
    asked = {
        "generate_image": {"prompt": "A fox"},
        "edit_image": {"prompt": "In snow", "images": [1]},
        "search_history": {},
        "get_image": {"id": 1},
        "usage_report": {},
    }
    for name, arguments in asked.items():
        jsonschema.validate(arguments, listed[name].input_schema)
        result = ask(name, **arguments)
        jsonschema.validate(told(result), listed[name].output_schema or {})
        assert json.loads(words(result)) == told(result)


@ON_SQLITE
def test_tools_that_draw_say_so_and_name_the_models_that_draw_here(app: Flask) -> None:
    for tool in desk_of(app, "").tools():
        assert tool.annotations
        draws = tool.name in {"generate_image", "edit_image"}
        assert tool.annotations.read_only_hint is not draws
        assert tool.annotations.destructive_hint is False
        if draws:
            assert next(iter(tool.input_schema["properties"])) == "prompt"
            assert tool.input_schema["properties"]["n"]["maximum"] == 10
            assert "sketch-1 (usual)" in tool.input_schema["properties"]["model"]["description"]
