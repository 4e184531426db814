"""POST /v1/images/edits, asked by a client that knows nothing of us."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image as Picture
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.conftest import key_of_each
from tests.models.samples import ON_SQLITE
from tests.pictures import picture

PATH = "/v1/images/edits"
# Drawn more quickly.
SMALL = "512x512"
HERE = "http://127.0.0.1:8000"
RED, BLUE = picture(color=(200, 30, 40)), picture(color=(30, 40, 200))
Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Ask an app that sketches: `ask(method, path, …)`."""
    tokens = key_of_each(app)

    def ask(method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens['creator']}", **more.pop("headers", {})}
        return app.test_client().open(path, method=method, headers=headers, **more)

    return ask


@pytest.fixture
def edit(ask: Ask) -> Ask:
    """Send a form: `edit(("image", RED), prompt="…")`; texts are sent as they are, bytes as files."""

    def edit(*files: tuple[str, bytes], headers: dict[str, str] | None = None, **texts: str) -> Any:
        sent: list[tuple[str, Any]] = [*texts.items()]
        sent += [
            (name, (BytesIO(data), "upload", "application/octet-stream")) for name, data in files
        ]
        form = MultiDict(sent)
        return ask(
            "POST", PATH, data=form, content_type="multipart/form-data", headers=headers or {}
        )

    return edit


def kept(ask: Ask) -> list[dict[str, Any]]:
    """Return the history, oldest first."""
    return list(ask("GET", "/api/images?sort=oldest").json["items"])


def test_a_picture_is_made_from_words_and_a_picture(ask: Ask, edit: Ask) -> None:
    who = {"user": "a customer", "safety_identifier": "a hash"}
    answer = edit(("image", RED), prompt="Paint it green", size=SMALL, **who)
    assert answer.status_code == 200, answer.text
    [made] = answer.json["data"]
    sent, drawn = kept(ask)
    assert (sent["source"], sent["prompt"], sent["bytes"]) == ("upload", "upload", len(RED))
    assert (drawn["id"], drawn["source"], drawn["parents"]) == (
        made["id"],
        "generated",
        [sent["id"]],
    )
    assert ask("GET", f"/api/images/{drawn['id']}/file").data == base64.b64decode(made["b64_json"])
    told = ask("GET", f"/api/generations/{answer.json['generation']}").json
    assert (told["end_user"], told["parents"]) == ("a customer", [sent["id"]])


@ON_SQLITE
def test_many_pictures_come_in_their_order(ask: Ask, edit: Ask) -> None:
    for names in (("image", "image"), ("image[]", "image[]"), ("image[0]", "image[1]")):
        edit((names[0], RED), (names[1], BLUE), prompt="Mix them", size=SMALL)
        red, blue, *_, drawn = kept(ask)
        assert drawn["parents"] == [red["id"], blue["id"]]
        assert (red["color"], blue["color"]) == ("#c81e28", "#1e28c8")


@ON_SQLITE
def test_an_answer_that_is_edited_is_the_parent(ask: Ask, edit: Ask) -> None:
    first = edit(("image", RED), prompt="Paint it green", size=SMALL).json["data"][0]
    edit(("image", base64.b64decode(first["b64_json"])), prompt="Paint it blue", size=SMALL)
    assert [each["source"] for each in kept(ask)] == ["upload", "generated", "generated"]
    assert kept(ask)[-1]["parents"] == [first["id"]]


@ON_SQLITE
def test_texts_of_a_form_mean_numbers_and_choices(ask: Ask, edit: Ask) -> None:
    answer = edit(
        ("image", RED),
        prompt="Paint it green",
        n="2",
        size="768x512",
        quality="high",
        output_format="jpeg",
        output_compression="30",
        background="transparent",
        input_fidelity="high",
        model="gpt-image-1",
        user="",
        safety_identifier="a hash",
        headers={"X-Proofsheet-Project": "acme"},
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json["output_format"], answer.json["quality"]) == ("jpeg", "high")
    for made in answer.json["data"]:
        image = Picture.open(BytesIO(base64.b64decode(made["b64_json"])))
        assert (image.format, f"{image.width}x{image.height}") == ("JPEG", answer.json["size"])
    shown = ask("GET", f"/api/generations/{answer.json['generation']}").json
    assert (shown["n"], shown["aspect_ratio"], shown["size"]) == (2, "3:2", "512")
    assert shown["end_user"] == "a hash"
    assert {each["project"] for each in kept(ask)} == {"acme"}


@ON_SQLITE
def test_without_a_size_it_has_the_shape_of_the_first_picture(ask: Ask, edit: Ask) -> None:
    def ratio(*sizes: tuple[int, int], **texts: str) -> str:
        files = [("image[]", picture(size=size)) for size in sizes]
        answer = edit(*files, prompt="Paint it green", **texts)
        told = ask("GET", f"/api/generations/{answer.json['generation']}").json
        return str(told["aspect_ratio"])

    assert ratio((48, 32), quality="low") == "3:2"
    assert ratio((32, 48), (48, 32), size="auto", quality="low") == "2:3"
    assert ratio((90, 10), quality="low") == "8:1"
    assert ratio((48, 32), size=SMALL) == "1:1"


@ON_SQLITE
def test_json_with_the_pictures_in_it_will_do(ask: Ask) -> None:
    url = f"data:image/png;base64,{base64.b64encode(RED).decode()}"
    body = {"prompt": "Paint it green", "images": [{"image_url": url}], "size": SMALL}
    assert ask("POST", PATH, json=body).status_code == 200
    assert [each["source"] for each in kept(ask)] == ["upload", "generated"]


@ON_SQLITE
def test_no_address_is_ever_fetched(ask: Ask) -> None:
    others = [
        *({"image_url": f"{HERE}/fox.png"}, {"image_url": "data:text/plain,fox"}),
        *({"image_url": "data:image/png;base64,%%%"}, {"file_id": "file-1"}, {}),
    ]
    for other in others:
        answer = ask("POST", PATH, json={"prompt": "Paint it green", "images": [other]})
        assert (answer.status_code, answer.json["error"]["type"]) == (400, "invalid_request_error")
    assert kept(ask) == []


@ON_SQLITE
def test_a_mask_is_refused_and_said_to_be(ask: Ask, edit: Ask) -> None:
    for name in ("mask[]", "mask[0]"):
        answer = edit(("image", RED), (name, BLUE), prompt="Paint it green")
        assert (answer.status_code, answer.json["error"]["param"]) == (400, "mask")
    for name in ("mask", "markup"):
        answer = edit(("image", RED), (name, BLUE), prompt="Paint it green")
        assert (answer.status_code, answer.json["error"]["param"]) == (400, name)
        body = {"prompt": "Paint it green", "images": [], name: {"file_id": "file-1"}}
        assert ask("POST", PATH, json=body).json["error"]["param"] == name
    assert kept(ask) == []


@ON_SQLITE
def test_what_is_wrong_is_told_and_nothing_is_kept(ask: Ask, edit: Ask) -> None:
    wrong = [
        *(("prompt", ""), ("prompt", " "), ("prompt", "a\0b"), ("n", "many"), ("n", "0")),
        *(("n", "1_0"), ("n", " 1"), ("n", "1.0"), ("n", "\u0661"), ("output_compression", "3_0")),
        *(("size", "huge"), ("quality", "best"), ("output_format", "gif")),
        *(("output_compression", "101"), ("response_format", "xml"), ("stream", "on")),
        ("image", f"{HERE}/fox.png"),
    ]
    for field, text in wrong:
        answer = edit(("image[]", RED), **{"prompt": "A fox", field: text})
        assert (answer.status_code, answer.json["error"]["param"]) == (400, field), answer.text
    assert edit(("image[]", RED)).json["error"]["param"] == "prompt"
    assert kept(ask) == []


@ON_SQLITE
def test_what_is_no_picture_is_told_by_its_number(ask: Ask, edit: Ask) -> None:
    answer = edit(("image", RED), ("image", b"no picture"), prompt="x")
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "image.1")
    assert edit(prompt="x").json["error"]["param"] == "image"
    assert edit(("image", b""), prompt="x").status_code == 400
    assert edit(("pictures", RED), prompt="x").json["error"]["param"] == "image"
    assert ask("POST", PATH, data="x", content_type="text/plain").status_code == 400
    broken = {"data": b"--x\r\nno form", "content_type": "multipart/form-data; boundary=x"}
    assert ask("POST", PATH, **broken).status_code == 400
    assert kept(ask) == []


FIELD = 'Content-Disposition: form-data; name="prompt"\r\n\r\nA fox\r\n'
FORMS = {
    "names no boundary": ("", f"--x\r\n{FIELD}--x--\r\n".encode()),
    "cut short": ("x", f"--x\r\n{FIELD}".encode()),
    "set off": ("y", f"--x\r\n{FIELD}--x--\r\n".encode()),
    "not UTF-8": (
        "x",
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="\xff"\r\n\r\n1\r\n--x--\r\n',
    ),
}


@ON_SQLITE
def test_a_form_that_cannot_be_read_is_said_to_be(ask: Ask) -> None:
    for told, (boundary, data) in FORMS.items():
        kind = f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"
        answer = ask("POST", PATH, data=data, content_type=kind)
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request"), told
        assert told in answer.json["error"]["message"]


@ON_SQLITE
def test_a_form_that_was_refused_is_known_by_what_is_in_it(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_waiting=1)
    headers = {"Authorization": f"Bearer {key_of_each(app)['creator']}"}

    def edit(data: bytes, times: int) -> TestResponse:
        form = {"prompt": "A fox", "size": SMALL, "image": (BytesIO(data), "upload")}
        told = {**headers, "X-Stainless-Retry-Count": str(times)}
        return app.test_client().post(PATH, data=form, headers=told)

    blue = picture("GIF", color=(30, 40, 200))
    red = picture("GIF", color=(200, 30, 40))
    assert len(red) == len(blue)
    first = {data: edit(data, 0).json["generation"] for data in (red, blue)}
    with app.extensions["waiters"].place():
        assert edit(red, 0).status_code == 503
    assert edit(blue, 1).json["generation"] == first[blue]
    assert edit(red, 1).json["generation"] not in first.values()


@ON_SQLITE
def test_a_form_that_is_too_large_is_refused(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_upload_bytes=1024)
    answer = app.test_client().post(
        PATH,
        data={"prompt": "x", "image": (BytesIO(b"x" * 2000), "upload")},
        headers={"Authorization": f"Bearer {key_of_each(app)['creator']}"},
    )
    assert answer.status_code == 413
    assert "MAX_UPLOAD_BYTES" in answer.json["error"]["message"]


@ON_SQLITE
def test_variations_are_told_where_to_go(ask: Ask) -> None:
    answer = ask("POST", "/v1/images/variations", data={})
    assert answer.status_code == 404
    assert "/v1/images/edits" in answer.json["error"]["message"]
