"""What a message says: what happened, and the record of whom it happened to.

No pictures, but links to them. No words either, nor what a provider said about them, unless a setting
wants them told: a receiver may keep what it gets, and logs of such servers are seldom secret. It is
made when it is sent, so that words that were forgotten meanwhile are not told.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import current_settings, db
from app.models import Event, Generation, Image, WebhookDelivery
from app.services.batches import get_batch
from app.services.records import batch_record, generation_record, timestamp

_WORDS = ("prompt", "final_prompt", "variables")
_SAID = ("message", "reason")


def payload_of(delivery: WebhookDelivery) -> bytes:
    """Return the message's body, JSON: `type`, `timestamp` (when it happened) and `data`."""
    record_of = _batch if delivery.event == Event.BATCH_ENDED else _generation
    data = record_of(delivery.subject)
    told = {"type": delivery.event, "timestamp": timestamp(delivery.created_at), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _generation(generation_id: str) -> dict[str, Any]:
    row = db.session.get(Generation, generation_id, populate_existing=True)
    if row is None:
        return {"id": generation_id}  # the database came back from a backup, or the like
    record = generation_record(row)
    made = select(Image.id).where(Image.generation_id == generation_id).order_by(Image.ordinal)
    record["images"] = [_image(each) for each in db.session.scalars(made)]
    record["links"] = {"self": _address(f"generations/{generation_id}")}
    if not current_settings().webhook_prompts:
        for name in _WORDS:
            del record[name]
        record["error"] = record["error"] and {
            name: value for name, value in record["error"].items() if name not in _SAID
        }
    return record


def _batch(batch_id: str) -> dict[str, Any]:
    try:
        record = batch_record(get_batch(batch_id))
    except NotFound:
        return {"id": batch_id}  # as above
    links = {
        "self": _address(f"batches/{batch_id}"),
        "generations": _address(f"generations?batch={batch_id}"),
        "images": _address(f"images?batch={batch_id}"),
    }
    return {**record, "links": links}


def _image(image_id: int) -> dict[str, Any]:
    address = _address(f"images/{image_id}")
    return {"id": image_id, "links": {"self": address, "file": f"{address}/file"}}


def _address(path: str) -> str:
    """Return an address of the API, whole where it is known what users see."""
    public = current_settings().public_url
    return f"{str(public).rstrip('/') if public else ''}/api/{path}"
