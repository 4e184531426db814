"""All that looks for faults, in order: what a mend leaves to be counted anew comes after it."""

from __future__ import annotations

from app.services.check.batches import BATCHES
from app.services.check.budgets import BUDGETS
from app.services.check.fault import Checker
from app.services.check.file import FILE
from app.services.check.generations import GENERATIONS
from app.services.check.image_counts import IMAGE_COUNTS
from app.services.check.index import INDEX
from app.services.check.pictures import PICTURES
from app.services.check.pointers import POINTERS
from app.services.check.positions import POSITIONS
from app.services.check.prompts import PROMPTS
from app.services.check.references import REFERENCES
from app.services.check.report_sums import REPORT_SUMS
from app.services.check.words import IMAGES_WORDS, PROMPTS_WORDS

CHECKERS: tuple[Checker, ...] = (
    *(FILE, REFERENCES, POINTERS, PICTURES, POSITIONS, GENERATIONS, BATCHES, BUDGETS),
    *(PROMPTS, IMAGES_WORDS, PROMPTS_WORDS, INDEX, IMAGE_COUNTS, REPORT_SUMS),
)
