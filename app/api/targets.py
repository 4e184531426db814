"""Which images a body means: by their ids, or by a filter that was looked at before."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictStr

from app.api.fields import SaidAsObject, Whole
from app.api.image_query import FilterQuery
from app.api.validation import InvalidFields, Strict, checked
from app.models.image_filter import ImageFilter

MOST_IDS = 1000
# The parameters of GET /api/images but for its pages; one that is repeated is a list.
Filter = Annotated[dict[StrictStr, StrictStr | list[StrictStr]], SaidAsObject(FilterQuery)]
FILTER = (
    "The parameters of GET /api/images but for those of its pages; each a text, or a list of its "
    "values."
)
_NOT = {"type": "null"}
# One way or another of saying which; null is as good as nothing.
WAYS: dict[str, Any] = {
    "anyOf": [
        {
            "required": ["ids"],
            "properties": {
                "ids": {"type": "array"},
                "filter": _NOT,
                "dry_run": {"const": False},
                "expected": _NOT,
            },
        },
        {
            "required": ["filter", "dry_run"],
            "properties": {
                "ids": _NOT,
                "filter": {"type": "object"},
                "dry_run": {"const": True},
                "expected": _NOT,
            },
        },
        {
            "required": ["filter", "expected"],
            "properties": {
                "ids": _NOT,
                "filter": {"type": "object"},
                "dry_run": {"const": False},
                "expected": {"type": "integer", "minimum": 0},
            },
        },
    ]
}


class Targets(Strict):
    """Either `ids`, or `filter` with `dry_run` first and with `expected`, its number, afterwards."""

    model_config = ConfigDict(json_schema_extra=WAYS)

    ids: list[Whole] | None = Field(
        None, min_length=1, max_length=MOST_IDS, description="These images.", examples=[[17, 18]]
    )
    filter: Filter | None = Field(None, description=f"Not beside ids. {FILTER}")
    dry_run: StrictBool = Field(
        default=False, description="With filter: only tell how many images it means."
    )
    expected: Whole | None = Field(
        None,
        ge=0,
        description="With filter: the number that dry_run told; when it is another now, nothing is "
        "done.",
    )

    def chosen(self) -> list[int] | ImageFilter:
        """Return the ids, or the filter. Raises InvalidFields for what does not go together."""
        field, message = self._fault()
        if message:
            raise InvalidFields([{"field": field, "message": message}])
        if self.filter is None:
            return self.ids or []
        return checked(FilterQuery, as_lists(self.filter)).filter()

    def _fault(self) -> tuple[str, str | None]:
        if self.filter is None:
            if self.ids is None:
                return "ids", "give ids or filter"
            return ("dry_run", "goes with filter") if self.dry_run else self._unexpected("filter")
        if self.ids is not None:
            return "filter", "give either ids or filter"
        if self.dry_run:
            return self._unexpected("a call without dry_run")
        missing = "call with dry_run first, and send the number that it tells"
        return "expected", missing if self.expected is None else None

    def _unexpected(self, partner: str) -> tuple[str, str | None]:
        return "expected", None if self.expected is None else f"goes with {partner}"


def as_lists(given: Filter) -> dict[str, list[str]]:
    """Return a filter as a query string has it, each parameter a list of its values."""
    return {key: [text] if isinstance(text, str) else text for key, text in given.items()}
