"""All rows of one database into another, of the same kind or the other, with their ids.

What is there already and the same is left alone, so that a transfer that broke off goes on where it
stood, whatever changed in its source meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    bindparam,
    column,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
    values,
)

from app.extensions import Base
from app.models.batches import BATCH
from app.models.image import ImageBlob, ImageThumbnail
from app.models.worker import Worker

_PICTURES = ImageBlob.__tablename__, ImageThumbnail.__tablename__
# Rows with a picture in them that are in memory at a time.
_FEW = 8
# Others, where none of them is to be looked up.
_MANY = 2_000
Tell = Callable[[str, int, int], None]
Without = Collection[str]
Row = dict[str, Any]
Key = tuple[Any, ...]


def tables() -> list[Table]:
    """Return what is transferred, in an order in which no row comes before what it refers to.

    Not who is at work: nobody is, on the other side. Nor the engine's jobs: workers put back what
    waits without one.
    """
    return [table for table in Base.metadata.sorted_tables if table.name != Worker.__tablename__]


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees a database as it is now, whatever others write, until it is left."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        connection.execute(text("SELECT version_num FROM alembic_version"))  # begins the moment
        yield connection


def transfer(
    source: Connection, target: Connection, tell: Tell = lambda *_: None, *, without: Without = ()
) -> None:
    """Make the rows of `target` those of `source`, which stands still (`one_moment`).

    Commits after each batch. `without` names tables that are left alone. `tell` is called with a
    table, how many of its rows are done, and of how many. Indexes of words are for `index_words`.
    """
    wanted = [table for table in tables() if table.name not in without]
    begun = {table for table in wanted if target.execute(select(table).limit(1)).first()}
    for table in [each for each in begun if _is_quicker_anew(each)]:
        emptied = text(f"TRUNCATE {table.name}")
        target.execute(emptied if _is_postgresql(target) else delete(table))
        target.commit()
        begun.remove(table)
    if begun and target.dialect.name == "postgresql":
        target.execute(text("ANALYZE"))  # which it plans the look-ups by
        target.commit()
    for table in reversed(wanted):
        if table in begun:
            _take_out_what_is_gone(table, source, target)
    for table in wanted:
        done, total = 0, count(source, table)
        bring = _bring_pictures if _has_pictures(table) else _bring
        for number in bring(table, source, target, table in begun):
            target.commit()
            done += number
            tell(table.name, done, total)
    _set_numbers(target, _numbers(source))
    target.commit()


def _is_quicker_anew(table: Table) -> bool:
    """Tell whether rows are written sooner than found: counts and links, which nothing refers to."""
    return len(table.primary_key) > 1 and not _has_pictures(table)


def count(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def other_counts(source: Connection, target: Connection) -> list[str]:
    """Return the names of the tables that have not as many rows on both sides."""
    return [table.name for table in tables() if count(source, table) != count(target, table)]


def index_words(connection: Connection) -> None:
    """Commit SQLite's indexes of words, made from their texts; PostgreSQL keeps its own."""
    if connection.dialect.name == "sqlite":
        made = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"
        for name in connection.scalars(text(made)).all():
            connection.execute(text(f"INSERT INTO {name} ({name}) VALUES ('rebuild')"))  # noqa: S608 - our own
        connection.commit()


def _bring(table: Table, source: Connection, target: Connection, begun: bool) -> Iterator[int]:
    """Write what is new or has changed; yield after each batch how many rows were looked at."""
    for rows in rows_of(source, select(table), BATCH if begun else _MANY):
        if begun:
            _bring_up_to_date(table, rows, target)
        else:
            _add(table, rows, target)
        yield len(rows)


def _bring_up_to_date(table: Table, rows: Sequence[Row], target: Connection) -> None:
    there = _rows_there(table, rows, target)
    keyed = [(_key(table, row), row) for row in rows]
    if new := [row for key, row in keyed if key not in there]:
        _add(table, new, target)
    if changed := [_bound(row) for key, row in keyed if there.get(key, row) != row]:
        target.execute(_replacement(table), changed)


def _bring_pictures(
    table: Table, source: Connection, target: Connection, begun: bool
) -> Iterator[int]:
    """The same for rows with a picture, which are never changed: those that are there are not read."""
    for rows in rows_of(source, select(*table.primary_key)):
        keys = [_key(table, row) for row in rows]
        there = _keys_there(table, keys, target) if begun else set()
        missing = [key for key in keys if key not in there]
        for start in range(0, len(missing), _FEW):
            few = select(table).where(_among(table, missing[start : start + _FEW]))
            _add(table, [dict(row) for row in source.execute(few).mappings()], target)
            yield min(_FEW, len(missing) - start)
        yield len(there)


def _take_out_what_is_gone(table: Table, source: Connection, target: Connection) -> None:
    seen = select(*table.primary_key)
    with target.engine.connect() as reader:
        for rows in rows_of(reader, seen):
            keys = [_key(table, row) for row in rows]
            there = _keys_there(table, keys, source)
            if gone := [key for key in keys if key not in there]:
                target.execute(delete(table).where(_among(table, gone)))
    target.commit()


def _add(table: Table, rows: Sequence[Row], target: Connection) -> None:
    """Write rows that are not there yet; PostgreSQL takes them quickest by COPY."""
    if not _is_postgresql(target):
        target.execute(insert(table), rows)
        return
    from psycopg.sql import SQL, Identifier  # which SQLite does without

    if not target.in_transaction():
        target.begin()  # which a commit would pass over: the driver is asked behind its back
    driver: Any = target.connection.driver_connection
    processors = [
        (each.name, each.type.dialect_impl(target.dialect).bind_processor(target.dialect))
        for each in table.c
    ]
    names = SQL(", ").join(Identifier(name) for name, _ in processors)
    copying = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), names)
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(
                [process(row[name]) if process else row[name] for name, process in processors]
            )


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def rows_of(
    connection: Connection, query: Select[*tuple[Any, ...]], at_once: int = BATCH
) -> Iterator[list[Row]]:
    """Yield the rows of a query batch by batch; all of them would not fit into memory."""
    with connection.execute(query, execution_options={"yield_per": at_once}) as result:
        for batch in result.mappings().partitions():
            yield [dict(row) for row in batch]


def _rows_there(table: Table, rows: Sequence[Row], target: Connection) -> dict[Key, Row]:
    """Return those of the target with the keys of some rows."""
    keys = [_key(table, row) for row in rows]
    found = target.execute(select(table).where(_among(table, keys))).mappings()
    return {_key(table, row): row for row in map(dict, found)}


def _keys_there(table: Table, keys: Sequence[Key], connection: Connection) -> set[Key]:
    found = connection.execute(select(*table.primary_key).where(_among(table, keys)))
    return {tuple(row) for row in found}


def _key(table: Table, row: Mapping[str, Any]) -> Key:
    return tuple(row[column.name] for column in table.primary_key)


def _among(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([value for [value] in keys])
    # As a table to join with: PostgreSQL would try a list of pairs one by one, with each row.
    names = [column(each.name, each.type) for each in columns]
    wanted = values(*names, name="wanted").data([tuple(key) for key in keys]).cte("wanted")
    return tuple_(*columns).in_(select(*wanted.c))


def _replacement(table: Table) -> Any:
    """Return the statement that gives a row all of its values, bound by `_bound`."""
    same = [column == bindparam(f"new_{column.name}") for column in table.primary_key]
    others = [column for column in table.c if not column.primary_key]
    values = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in others}
    return update(table).where(*same).values(values)


def _bound(row: Row) -> Row:
    return {f"new_{name}": value for name, value in row.items()}


def _has_pictures(table: Table) -> bool:
    """Tell whether rows are large, and never changed; those of reports are neither."""
    return table.name in _PICTURES


def _numbers(connection: Connection) -> dict[str, int]:
    """Return the highest id that each table has ever given: none is to be given again."""
    numbers = {}
    for table in tables():
        column = table.autoincrement_column
        if column is not None:
            highest = connection.scalar(select(func.max(column))) or 0
            numbers[table.name] = max(highest, _last_number(connection, table.name, column.name))
    return numbers


def _last_number(connection: Connection, table: str, column: str) -> int:
    if connection.dialect.name == "sqlite":
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return connection.scalar(query, {"name": table}) or 0
    sequence = _sequence(connection, table, column)
    if sequence is None:
        return 0
    last, called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - PostgreSQL's own name
    return int(last) if called else 0


def _sequence(connection: Connection, table: str, column: str) -> str | None:
    query = text("SELECT pg_get_serial_sequence(:table, :column)")
    name: str | None = connection.scalar(query, {"table": table, "column": column})
    return name


def _set_numbers(connection: Connection, numbers: Mapping[str, int]) -> None:
    for table in filter(lambda each: numbers.get(each.name), tables()):
        values = {"name": table.name, "number": numbers[table.name]}
        column = table.autoincrement_column
        if connection.dialect.name == "postgresql":
            sequence = (
                _sequence(connection, table.name, column.name) if column is not None else None
            )
            given = {"name": sequence, "number": values["number"]}
            connection.execute(text("SELECT setval(CAST(:name AS regclass), :number)"), given)
        elif table.dialect_options["sqlite"]["autoincrement"]:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            row = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)")
            connection.execute(row, values)
