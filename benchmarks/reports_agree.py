"""A report's numbers in the shape in which plain SQL tells them, to be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.models.reporting.latency_buckets import ERROR


class Near:
    """Equal to what it is not further away from than the error, and half a millisecond, allow."""

    def __init__(self, value: float | None) -> None:
        self._value = value

    def __eq__(self, exact: object) -> bool:
        if self._value is None or not isinstance(exact, int | float):
            return self._value is exact
        return abs(self._value - exact) <= exact * ERROR + 0.5

    def __bool__(self) -> bool:
        return bool(self._value)

    __hash__ = None  # type: ignore[assignment]


def _percentiles(row: dict[str, Any], number: str, prefix: str) -> tuple[Any, ...]:
    return row[number], *(Near(row[f"{prefix}_p{share}_ms"]) for share in (50, 95, 99))


def _usage(report: Any) -> Any:
    names = "generations", "failures", "cost_usd", "unpriced", "images", "bytes"
    return {
        (row["period"], row["model"]): tuple(row[name] for name in names) for row in report["rows"]
    }


def _models(report: Any) -> Any:
    return {row["model"]: _percentiles(row, "images", "latency") for row in report["rows"]}


def _latency(report: Any) -> Any:
    return {row["period"]: _percentiles(row, "images", "provider") for row in report["rows"]}


def _failures(report: Any) -> Any:
    return {(row["model"], row["reason"]): row["failures"] for row in report["rows"]}


def _cost(report: Any) -> Any:
    return {
        (row["period"], row["key"]): (row["cost_usd"], row["unpriced"]) for row in report["rows"]
    }


def _storage(report: Any) -> Any:
    names = "images", "picture_bytes", "deleted_images"
    return {row["period"]: tuple(row[name] for name in names) for row in report["rows"]}


def _compare(report: Any) -> Any:
    names = "generations", "succeeded", "images", "favourites"
    return {row["name"].split(",")[0]: tuple(row[name] for name in names) for row in report["rows"]}


def _tagged(report: Any) -> Any:
    return {row["period"]: (row["images"], row["bytes"]) for row in report["rows"]}


TOLD: dict[str, Callable[[Any], Any]] = {
    "usage": _usage,
    "models": _models,
    "latency": _latency,
    "failures": _failures,
    "cost": _cost,
    "storage": _storage,
    "compare": _compare,
    "tagged": _tagged,
}
