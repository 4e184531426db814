"""Settings as pages tell them: by the name that changes them, with the words of `config`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.extensions import current_settings
from config import Settings, shown, variables

LIMITS = (
    *("requests_per_minute", "daily_budget", "monthly_budget", "pictures_per_minute"),
    *("max_images", "max_prompt_characters", "max_queued", "max_queue_hours", "max_running"),
    *("max_running_in_all", "max_running_per_model", "max_picture_bytes", "max_picture_pixels"),
    *("max_upload_bytes", "max_request_bytes", "max_batch_bytes"),
)
CHORES = ("trash_days", "forget_prompts_days")
_IN_BYTES = "_bytes"


class SettingRow(NamedTuple):
    """The variable that sets it, what it is for, and its value; a number is one to be read as such.

    `unit` is "bytes", "number" or "text"; without a value (None) it is not done, or not limited.
    """

    variable: str
    description: str
    value: int | str | None
    unit: str


def setting_rows(names: Iterable[str]) -> list[SettingRow]:
    """Return these settings. Never to be asked for secrets."""
    return [_row(name) for name in names]


def _row(name: str) -> SettingRow:
    settings = current_settings()
    value = getattr(settings, name)
    unit = "bytes" if name.endswith(_IN_BYTES) else "number" if type(value) is int else "text"
    told = value if type(value) is int or value is None else shown(settings, name)
    description = Settings.model_fields[name].description or ""
    return SettingRow(variables(name)[0], description, told, unit)
