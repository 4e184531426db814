"""What other programs say of their pictures: in a PNG's texts, EXIF or a file beside it (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.models.types import LARGEST_NUMBER, is_label

# From a node of ComfyUI's graph to the one with the words there are few steps.
MOST_STEPS = 20
_NEGATIVE = re.compile(r"^Negative prompt:", re.MULTILINE)
_STEPS = re.compile(r"^Steps: \d", re.MULTILINE)
_DREAM = re.compile(r'^"(.*)"(?: |$)')


@dataclass(frozen=True, slots=True)
class Told:
    """A prompt, and what drew it from which seed, where that is said."""

    prompt: str
    model: str | None = None
    seed: int | None = None


def told_by(texts: Mapping[str, str]) -> Told | None:
    """Return what the texts of a PNG say, None where they hold no prompt."""
    readers: dict[str, Callable[[str], Told | None]] = {
        "parameters": _parameters,  # AUTOMATIC1111, Forge, SD.Next, SwarmUI, Fooocus
        "invokeai_metadata": _invokeai,
        "sd-metadata": _old_invokeai,
        "Dream": _dream,
        "prompt": _comfyui,
        "Comment": _novelai,
        "Description": Told,  # NovelAI
    }
    for keyword, read in readers.items():
        found = read(texts[keyword]) if keyword in texts else None
        if found is not None and found.prompt.strip():
            return found
    return None


def told_by_comment(text: str) -> Told | None:
    """Return what the comment in the EXIF of a JPEG or WebP says, None where it holds no prompt.

    A text that none of these programs has written, such as a camera's, is no prompt.
    """
    is_ours = isinstance(parsed(text), dict) or _STEPS.search(text)
    found = _parameters(text) if is_ours else None
    return found if found is not None and found.prompt.strip() else None


def told_by_record(record: Mapping[str, Any]) -> Told | None:
    """Return what a JSON file beside a picture says, None where it holds no prompt."""
    for name in ("prompt", "positive_prompt", "caption"):
        if isinstance(prompt := record.get(name), str) and prompt.strip():
            return _told(prompt, record.get("model"), record.get("seed"))
    return None


def parsed(text: str) -> Any:
    """Return what JSON says, None for what is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _told(prompt: Any, model: Any, seed: Any) -> Told | None:
    if not isinstance(prompt, str):
        return None
    if isinstance(seed, str) and re.fullmatch(r"\d{1,19}", seed):
        seed = int(seed)
    known = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= LARGEST_NUMBER
    named = isinstance(model, str) and is_label(model)
    return Told(prompt, model if named else None, seed if known else None)


def _parameters(text: str) -> Told | None:
    record = parsed(text)
    if isinstance(record, dict):
        inner = record.get("sui_image_params")
        return _record(inner if isinstance(inner, dict) else record)
    ends = [found.start() for each in (_NEGATIVE, _STEPS) if (found := each.search(text))]
    settings = text[max(ends) :] if ends else ""
    model, seed = (re.search(rf"(?:^|, ){name}: ([^,\n]+)", settings) for name in ("Model", "Seed"))
    prompt = text[: min(ends, default=len(text))]
    return _told(prompt.strip(), model and model[1].strip(), seed and seed[1].strip())


def _record(record: Mapping[str, Any]) -> Told | None:
    # Fooocus calls it base_model.
    model = record.get("model") or record.get("base_model")
    return _told(record.get("prompt"), model, record.get("seed"))


def _invokeai(text: str) -> Told | None:
    record = parsed(text)
    if not isinstance(record, dict):
        return None
    model = record.get("model")
    if isinstance(model, dict):
        model = model.get("name") or model.get("model_name")
    return _told(record.get("positive_prompt"), model, record.get("seed"))


def _old_invokeai(text: str) -> Told | None:
    record = parsed(text)
    image = record.get("image") if isinstance(record, dict) else None
    if not isinstance(image, dict):
        return None
    prompt = image.get("prompt")
    if isinstance(prompt, list) and prompt and isinstance(prompt[0], dict):
        prompt = prompt[0].get("prompt")
    return _told(prompt, record.get("model_weights"), image.get("seed"))


def _dream(text: str) -> Told | None:
    found = _DREAM.search(text)
    seed = re.search(r" -S ?(\d+)", text)
    return _told(found[1], None, seed and seed[1]) if found else None


def _novelai(text: str) -> Told | None:
    record = parsed(text)
    return _record(record) if isinstance(record, dict) else None


def _comfyui(text: str) -> Told | None:
    """Follow the graph from the node that samples to the words that it is led by."""
    graph = parsed(text)
    if not isinstance(graph, dict):
        return Told(text) if graph is None else None
    nodes = [(each, _inputs(each)) for each in graph.values() if isinstance(each, dict)]
    for _, inputs in nodes:
        if "positive" not in inputs:
            continue
        words = _words(graph, inputs["positive"])
        if words is not None:
            seed = inputs.get("seed", inputs.get("noise_seed"))
            return _told(words, _checkpoint(nodes), seed)
    texts = [inputs["text"] for _, inputs in nodes if isinstance(inputs.get("text"), str)]
    return _told(max(texts, key=len), _checkpoint(nodes), None) if texts else None


def _words(graph: Mapping[str, Any], link: Any) -> str | None:
    for _ in range(MOST_STEPS):
        inputs = _inputs(graph.get(str(link[0]))) if isinstance(link, list) and link else {}
        for name in ("text", "text_g", "string", "value", "prompt"):
            if isinstance(inputs.get(name), str) and inputs[name].strip():
                return str(inputs[name])
        link = next(_links(inputs), None)
        if link is None:
            return None
    return None


def _links(inputs: Mapping[str, Any]) -> Iterator[Any]:
    first = ("text", "text_g", "string", "value", "conditioning", "conditioning_1", "positive")
    return (inputs[name] for name in first if isinstance(inputs.get(name), list))


def _inputs(node: Any) -> dict[str, Any]:
    inputs = node.get("inputs") if isinstance(node, dict) else None
    return inputs if isinstance(inputs, dict) else {}


def _checkpoint(nodes: list[tuple[Any, dict[str, Any]]]) -> Any:
    names = (inputs.get(name) for name in ("ckpt_name", "unet_name") for _, inputs in nodes)
    return next((each for each in names if isinstance(each, str)), None)
