"""All regular tasks."""

from __future__ import annotations

from app.extensions import current_settings
from app.services.housekeeping.engine_jobs import ENGINE_JOBS
from app.services.housekeeping.prompts import PROMPTS
from app.services.housekeeping.request_keys import REQUEST_KEYS
from app.services.housekeeping.room import ROOM
from app.services.housekeeping.task import Task
from app.services.housekeeping.trash import TRASH
from app.services.housekeeping.webhooks import WEBHOOKS

# Last the room that the others leave.
TASKS = (ENGINE_JOBS, REQUEST_KEYS, WEBHOOKS, TRASH, PROMPTS, ROOM)


def wanted_tasks() -> list[Task]:
    """Return those that the settings ask for."""
    settings = current_settings()
    return [task for task in TASKS if task.wanted(settings)]
