"""Whether all that is kept goes together; and mending what can be mended without losing anything.

Each checker is a file here, with what it looks for and what it can do about it. Nothing is locked
while one looks, and what others write meanwhile is no fault: each reads a snapshot.
"""

from app.services.check.checkers import CHECKERS
from app.services.check.fault import Checker, Finding, Kind, Options, Progress
from app.services.check.run import find_faults, repair_faults

__all__ = [
    "CHECKERS",
    "Checker",
    "Finding",
    "Kind",
    "Options",
    "Progress",
    "find_faults",
    "repair_faults",
]
