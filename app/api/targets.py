"""Which images a body means: by their ids, or by a filter that was looked at before."""

from __future__ import annotations

from pydantic import Field, StrictBool, StrictInt, StrictStr

from app.api.image_query import FilterQuery
from app.api.validation import InvalidFields, Strict, checked
from app.models.image_filter import ImageFilter

MOST_IDS = 1000
# The parameters of GET /api/images but for its pages; one that is repeated is a list.
Filter = dict[StrictStr, StrictStr | list[StrictStr]]


class Targets(Strict):
    """Either `ids`, or `filter` with `dry_run` first and with `expected`, its number, afterwards."""

    ids: list[StrictInt] | None = Field(None, min_length=1, max_length=MOST_IDS)
    filter: Filter | None = None
    dry_run: StrictBool = False
    expected: StrictInt | None = Field(None, ge=0)

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
