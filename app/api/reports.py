"""/api/reports: what was made, with which words, for how much, and what failed."""

from __future__ import annotations

from hashlib import blake2b

from flask import Blueprint, Response, json, jsonify, request

from app.api.answers import report as shapes
from app.api.auth import requires
from app.api.caching import has, unchanged
from app.api.openapi.declare import JSON, Answer, documented
from app.api.report_query import (
    CompareQuery,
    FormatQuery,
    LatencyQuery,
    PromptsQuery,
    ReportQuery,
    SplitQuery,
    TaggedQuery,
    TimeQuery,
)
from app.models import Role
from app.services.reports.compare import compare, other_side
from app.services.reports.cost import cost
from app.services.reports.failures import failures
from app.services.reports.latency import latency
from app.services.reports.models import models
from app.services.reports.prompts import prompts
from app.services.reports.report import Report
from app.services.reports.storage import storage
from app.services.reports.usage import usage

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
CSV = "text/csv"
TYPES = (JSON, CSV)


def _answer(report: Report, query: FormatQuery) -> Response:
    """Return a report as its caller wants it: CSV goes out line by line."""
    wanted = query.format or request.accept_mimetypes.best_match([JSON, CSV], JSON)
    if wanted in {JSON, "json"}:
        return jsonify(report.record())
    # The tag of what goes out in pieces must be known before them.
    tag = blake2b(json.dumps(report.record()).encode(), digest_size=12).hexdigest()
    if has(tag):
        return unchanged(tag)
    answer = Response(report.csv(), content_type=f"{CSV}; charset=utf-8")
    answer.set_etag(tag, weak=True)
    answer.vary.add("Accept")
    return answer


@blueprint.get("/usage")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Usage, (), TYPES)}, query=SplitQuery)
def usage_report(query: SplitQuery) -> Response:
    """Generations, images, failures, cost and bytes by the period; periods of nothing have rows too."""
    return _answer(usage(query.question(), query.split), query)


@blueprint.get("/prompts")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Prompts, (), TYPES)}, query=PromptsQuery)
def prompts_report(query: PromptsQuery) -> Response:
    """Prompts used most, last, kept most, failed most and never again, and the words in them.

    Words and phrases are counted in the newest 20,000 prompts of the time; CSV has the lists alone.
    """
    return _answer(prompts(query.question(), query.limit), query)


@blueprint.get("/models")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Models, (), TYPES)}, query=TaggedQuery)
def models_report(query: TaggedQuery) -> Response:
    """Images, success rate, latency and the cost of an image by model and size."""
    return _answer(models(query.question()), query)


@blueprint.get("/failures")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Failures, (), TYPES)}, query=ReportQuery)
def failures_report(query: ReportQuery) -> Response:
    """What failed by reason, with examples and what to do; refusals apart from faults."""
    return _answer(failures(query.question()), query)


@blueprint.get("/latency")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Latency, (), TYPES)}, query=LatencyQuery)
def latency_report(query: LatencyQuery) -> Response:
    """Percentiles of the time in the queue and of the provider's time, by the period.

    By nearest rank, within 2.5% of the exact ones.
    """
    return _answer(latency(query.question(), query.split), query)


@blueprint.get("/cost")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Cost, (), TYPES)}, query=SplitQuery)
def cost_report(query: SplitQuery) -> Response:
    """The cost by the period, and of this month: to date, projected, and against the budget."""
    return _answer(cost(query.question(), query.split), query)


@blueprint.get("/storage")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Storage, (), TYPES)}, query=TimeQuery)
def storage_report(query: TimeQuery) -> Response:
    """The room that everything takes, how it grew, and what a purge would give back."""
    return _answer(storage(query.question()), query)


@blueprint.get("/compare")
@requires(Role.VIEWER)
@documented({200: Answer("The report.", shapes.Compare, (), TYPES)}, query=CompareQuery)
def compare_report(query: CompareQuery) -> Response:
    """Two periods or two templates side by side, and whether the numbers are enough to tell."""
    question = query.question()
    other = other_side(question, query.other_since, query.other_until, query.other_template)
    return _answer(compare(question, other), query)
