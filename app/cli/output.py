"""How a command tells what it found: a table for people; JSON, CSV or names alone for programs.

`@output_options` gives a command `--json`, `--csv` and `--quiet`, and hands it an `Output`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import chain
from typing import Any, Literal

import click

from app.cli.table import print_csv, print_fields, print_json, print_json_list, print_table

Record = Mapping[str, Any]
# From a heading to what a record has below it.
Columns = Mapping[str, Callable[[Record], object]]
FORMS = {
    "json": "As JSON.",
    "csv": "As CSV, safe to open in a spreadsheet.",
    "quiet": "Only the ids or names, one a line.",
}


@dataclass(frozen=True, slots=True)
class Output:
    """The form that was asked for."""

    form: Literal["table", "json", "csv", "quiet"] = "table"

    @property
    def is_for_people(self) -> bool:
        """Tell whether a person is to read it."""
        return self.form == "table"

    def rows(
        self,
        records: Iterable[Record],
        columns: Columns,
        *,
        name: str = "id",
        fields: Sequence[str] = (),
    ) -> None:
        """Print records: in columns, whole as JSON, as CSV, or what each has as its `name`.

        `fields` are the columns of CSV, else those of the first record. But for the table, they are
        printed as they come, so that they need not fit into memory.
        """
        match self.form:
            case "json":
                print_json_list(map(dict, records))
            case "csv":
                _print_csv(records, fields)
            case "quiet":
                for record in records:
                    click.echo(record[name])
            case _:
                rows = ([told(each) for told in columns.values()] for each in records)
                print_table(list(columns), rows)

    def record(self, record: Record, *, name: str = "id", fields: Sequence[str] = ()) -> None:
        """Print one record with all its fields."""
        match self.form:
            case "json":
                print_json(dict(record))
            case "table":
                print_fields(record)
            case _:
                self.rows([record], {}, name=name, fields=fields)

    def done(self, text: str, record: Record) -> None:
        """Tell what was done: in a sentence, or as the record that it comes to."""
        if self.form == "quiet":
            return
        if self.is_for_people:
            click.echo(text)
        else:
            self.record(record)

    def note(self, text: str) -> None:
        """Tell people more, below a table; to programs it goes by standard error."""
        click.echo(text, err=not self.is_for_people)

    def remark(self, text: str) -> None:
        """Tell people, and nobody else, what was counted or done."""
        if self.is_for_people:
            click.echo(text)


json_option = click.option("--json", "as_json", is_flag=True, help=FORMS["json"])


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options above; it gets the keyword `output`."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        forms = [form for form in FORMS if options.pop(f"as_{form}")]
        if len(forms) > 1:
            raise click.UsageError(f"Give either --{forms[0]} or --{forms[1]}.")
        return command(*arguments, **options, output=Output(*forms))  # type: ignore[arg-type]

    for form, text in reversed(FORMS.items()):
        run = click.option(f"--{form}", f"as_{form}", is_flag=True, help=text)(run)
    return run


def _print_csv(records: Iterable[Record], fields: Sequence[str]) -> None:
    records = iter(records)
    if not fields:
        first = next(records, None)
        if first is None:
            return
        fields, records = list(first), chain([first], records)
    print_csv(fields, ([record[field] for field in fields] for record in records))
