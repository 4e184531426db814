"""What is to be done now and then, so that nothing grows for ever: by some worker, or by hand."""

from app.services.housekeeping.schedule import run_due
from app.services.housekeeping.tasks import TASKS, wanted_tasks

__all__ = ["TASKS", "run_due", "wanted_tasks"]
