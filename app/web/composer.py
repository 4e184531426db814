"""The composer: what its fields hold, read from a form or from an address, and what a page shows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from app.errors import InvalidInput, NotFound, ProofsheetError
from app.extensions import current_settings
from app.models import Role
from app.models.types import IDS
from app.providers.catalog import Model
from app.services.batch_bodies import read_lines
from app.services.composing import (
    Choices,
    Cost,
    Reference,
    choices,
    cost_of,
    references,
    wishes_of_generation,
    wishes_of_image,
)
from app.services.generation_request import GenerationRequest
from app.services.keys import KeyHolder
from app.web.texts import say

VARIABLE = "variables."
# The project that one works for is remembered on the device.
PROJECT = "proofsheet_project"
FIELDS = (
    *("prompt", "n", "model", "aspect_ratio", "size", "seed", "template", "variables"),
    *("project", "input_images"),
)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered. `is_many`: each line of the prompt is one picture's.

    `once` tells one pressing of the button from another; `files` are pictures to work from that are
    not kept yet.
    """

    wishes: GenerationRequest = field(default_factory=lambda: GenerationRequest(""))
    is_many: bool = False
    once: str = ""
    files: tuple[FileStorage, ...] = ()

    def requests(self) -> list[GenerationRequest]:
        """Return what is asked for by each line."""
        lines = read_lines(self.wishes.prompt)
        return [replace(self.wishes, prompt=str(line["prompt"]).strip()) for line in lines]


@dataclass(frozen=True, slots=True)
class Composer:
    """What the composer shows. `problem` is a message, and `at` the field that it is about, if any.

    `note` tells what became of the files that came with a form.
    """

    entered: Entered
    choices: Choices
    model: Model | None
    variables: Mapping[str, str]
    references: tuple[Reference, ...]
    cost: Cost | None
    once: str
    most: int
    problem: str | None = None
    at: str | None = None
    note: str | None = None

    @property
    def wishes(self) -> GenerationRequest:
        """What was wished for so far."""
        return self.entered.wishes


def composer_context(holder: KeyHolder) -> dict[str, Any]:
    """Return what the template composer/_composer.html needs: `composer`, None for viewers.

    It is filled in by the address: `reuse` and `remix` are ids of images, `again` that of a
    generation, `template` the name of one.
    """
    if not holder.role.includes(Role.CREATOR):
        return {"composer": None}
    try:
        entered, problem = Entered(_wishes_of_address()), None
    except NotFound as error:
        entered, problem = Entered(_plain()), str(error)
    return {"composer": composer_of(entered, holder, problem)}


def composer_of(
    entered: Entered,
    holder: KeyHolder,
    problem: str | None = None,
    at: str | None = None,
    note: str | None = None,
) -> Composer:
    """Return a composer that shows what was entered, and what is wrong with it."""
    offered = choices()
    wishes = entered.wishes
    model = offered.model(wishes.model)
    names = offered.templates.get(wishes.template or "", ())
    return Composer(
        entered=entered,
        choices=offered,
        model=model,
        variables={name: wishes.variables.get(name, "") for name in names},
        references=tuple(references(wishes.input_images)),
        cost=_cost(model, entered, holder),
        once=secrets.token_urlsafe(16),
        most=current_settings().max_images,
        problem=problem,
        at=at,
        note=note,
    )


def _cost(model: Model | None, entered: Entered, holder: KeyHolder) -> Cost | None:
    if model is None:
        return None
    wishes = entered.wishes
    pictures = wishes.n * (len(entered.requests()) or 1 if entered.is_many else 1)
    return cost_of(model, wishes.size, pictures, len(wishes.input_images), holder.id)


def _wishes_of_address() -> GenerationRequest:
    """Return what the address of the page fills in. Raises NotFound."""
    asked = request.args
    if asked.get("reuse"):
        return wishes_of_image(_id(asked["reuse"]))
    if asked.get("again"):
        return wishes_of_generation(asked["again"])
    wishes = _plain()
    if asked.get("remix"):
        image = _id(asked["remix"])
        if not references([image]):
            raise NotFound(say("composer.no_image", id=str(image)))
        wishes = replace(wishes, input_images=(image,))
    if asked.get("template"):
        wishes = replace(wishes, template=asked["template"])
    return wishes


def _plain() -> GenerationRequest:
    return GenerationRequest("", project=request.cookies.get(PROJECT) or None)


def _id(text: str) -> int:
    """Return the id of an image; one that there never is for what is none."""
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(IDS[-1]))
    return int(text) if fits else 0


def entered_in_form() -> Entered:
    """Return what the form of the current request holds. Raises InvalidInput for what is no number."""
    form = request.form
    template = form.get("template") or None
    return Entered(
        wishes=GenerationRequest(
            prompt=form.get("prompt", ""),
            n=1 if (pictures := _number("n")) is None else pictures,
            model=form.get("model") or None,
            aspect_ratio=form.get("aspect_ratio") or None,
            size=form.get("size") or None,
            seed=_number("seed"),
            template=template,
            variables=_variables(template),
            project=form.get("project", "").strip() or None,
            input_images=tuple(_id(each) for each in form.getlist("input_images") if each),
        ),
        is_many=form.get("many") == "1",
        once=form.get("once", ""),
        files=_files(),
    )


def entered_as_far_as_it_goes() -> Entered:
    """Return the same, without what is no number."""
    with suppress(InvalidInput):
        return entered_in_form()
    prompt = request.form.get("prompt", "")
    wishes = GenerationRequest(prompt, project=request.form.get("project") or None)
    return Entered(wishes, files=_files())


def _files() -> tuple[FileStorage, ...]:
    return tuple(each for each in request.files.getlist("file") if each.filename)


def _variables(template: str | None) -> dict[str, str]:
    """Return those of the chosen template: a form may still hold those of another one.

    One that is blank was forgotten: nobody wants to pay for "A  painting of a boat".
    """
    names = choices().templates.get(template or "", ())
    given = {name: request.form.get(VARIABLE + name, "") for name in names}
    return {name: value for name, value in given.items() if value.strip()}


def _number(name: str) -> int | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(IDS[-1])):
        raise InvalidInput(say(f"composer.no_{name}"), field=name)
    return int(text)


def fingerprint() -> str:
    """Return what tells the form of the current request from others, but for `once`.

    Its files are read, and begin anew for whoever reads them next.
    """
    digest = sha256()
    for name, values in sorted(request.form.lists()):
        if name != "once":
            digest.update(repr((name, values)).encode("utf-8", "surrogatepass"))
    for file in request.files.getlist("file"):
        digest.update(sha256(file.stream.read()).digest())
        file.stream.seek(0)
    return digest.hexdigest()


def place_of(error: ProofsheetError) -> str | None:
    """Return the name of the field that an error is about, if it is one of the composer's."""
    name, *within = (getattr(error, "field", None) or "").split(".")
    if name == "prompts":
        # Of a batch: which line it is, the message says.
        return next((each for each in within if each in FIELDS), "prompt")
    if name == "file":
        return "input_images"
    return name if name in FIELDS else None
