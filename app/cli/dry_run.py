"""`generate --dry-run`: what a prompt, or a file of them, may cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from app.cli.batch_run import read_file
from app.cli.table import print_json
from app.services.budgets import budgets_of, fits, usd
from app.services.estimates import estimate_of, estimate_of_batch
from app.services.generation_request import GenerationRequest
from app.services.records import dollars


def tell_cost(
    prompt: str | None, file: str | None, options: Mapping[str, Any], *, as_json: bool
) -> None:
    """Print what it may cost, and whether the budgets would allow it; nothing is recorded."""
    if prompt is None:
        requests = read_file(str(file), options)
        estimate = estimate_of_batch(requests)
    else:
        requests = [GenerationRequest(prompt, **options)]
        estimate = estimate_of(requests[0])
    within = fits(estimate, budgets_of(None))
    if as_json:
        print_json({"estimated_cost_usd": dollars(estimate), "within_budget": within})
        return
    pictures = sum(request.n for request in requests)
    cost = "an amount that nobody knows" if estimate is None else usd(estimate)
    click.echo(
        f"{pictures:,} picture{'' if pictures == 1 else 's'} may cost {cost}, which is "
        f"{'within' if within else 'over'} the budgets."
    )
