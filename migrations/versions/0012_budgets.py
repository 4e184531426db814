"""Budgets: what each generation may cost, what was spent by the day and the month, limits of keys.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Period = sa.Enum(
    "day", "month", name="period", native_enum=False, create_constraint=True, length=16
)
LIMITS = ("daily_budget_microusd", "monthly_budget_microusd")
# The first day of each period, by database, of a moment that is kept in UTC.
STARTS = {
    "sqlite": {"day": "date(created_at)", "month": "date(created_at, 'start of month')"},
    "postgresql": {
        "day": "(created_at AT TIME ZONE 'UTC')::date",
        "month": "date_trunc('month', created_at AT TIME ZONE 'UTC')::date",
    },
}
# 0 is the scope of all together.
SCOPES = {"0": "cost_microusd > 0", "api_key_id": "cost_microusd > 0 AND api_key_id IS NOT NULL"}


def upgrade() -> None:
    op.add_column("generations", sa.Column("estimated_microusd", sa.BigInteger()))
    for name in LIMITS:
        op.add_column("api_keys", sa.Column(name, sa.BigInteger()))
    op.create_table(
        "budget_spending",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", Period, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("spent_microusd", sa.BigInteger(), nullable=False),
        sa.Column("reserved_microusd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "period", "start", name=op.f("pk_budget_spending")),
    )
    for period, start in STARTS[op.get_bind().dialect.name].items():
        for scope, chosen in SCOPES.items():
            op.execute(
                f"INSERT INTO budget_spending SELECT {scope}, '{period}', {start}, "  # noqa: S608 - our own
                f"SUM(cost_microusd), 0 FROM generations WHERE {chosen} GROUP BY 1, 2, 3"
            )


def downgrade() -> None:
    op.drop_table("budget_spending")
    for name in LIMITS:
        op.drop_column("api_keys", name)
    op.drop_column("generations", "estimated_microusd")
