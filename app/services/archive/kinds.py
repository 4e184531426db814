"""What an export says of each kind of row, field by field."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Column, Table

from app.models import (
    ApiKey,
    Batch,
    Generation,
    Image,
    PastPrompt,
    PromptTemplate,
    ProofSheet,
    ProofSheetImage,
    PurgedImage,
    SavedSearch,
)

FORMAT = "proofsheet"
VERSION = 1
MANIFEST = "proofsheet.json"


def _columns(model: Any, *left_out: str) -> tuple[Column[Any], ...]:
    table = cast(Table, model.__table__)
    return tuple(each for each in table.c if each.key not in left_out)


# Left out: what only this database knows (whose place in the history, whose lock), and of keys and links
# their hashes. Beside these, `made_by` names the key; an image also has `tags`, `parents`, `past_prompt`
# (whether its words are a prompt that somebody used) and the name of its `file`.
IMAGE = _columns(Image, "position", "prompt_id", "api_key_id", "revision")
GENERATION = _columns(Generation, "prompt_id", "api_key_id", "lease_until", "job", "runner")
BATCH = _columns(Batch, "api_key_id")
PURGED = _columns(PurgedImage, "id", "api_key_id")
PROMPT = _columns(PastPrompt, "id", "key", "beginning", "position")
TEMPLATE = _columns(PromptTemplate, "id")
SHEET = _columns(ProofSheet, "id", "sha256", "api_key_id")
SHEET_PICTURE = _columns(ProofSheetImage, "sheet_id")
SEARCH = _columns(SavedSearch, "id")
KEY = _columns(
    ApiKey,
    *("id", "prefix", "sha256", "requests_per_minute"),
    *("daily_budget_microusd", "monthly_budget_microusd"),
)
