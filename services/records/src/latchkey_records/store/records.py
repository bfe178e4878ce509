"""Records: read and written within somebody's reach only."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import asyncpg

from latchkey_kit.db import Connection
from latchkey_records.domain.cursor import Place
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.nesting import nested
from latchkey_records.domain.parameters import Page, Selection
from latchkey_records.domain.portfolio import Reach
from latchkey_records.store.statement import Statement, column

Record = dict[str, Any]
Fields = tuple[Field, ...]


class Found(NamedTuple):
    """A page of a list. ``place`` is where it ended, ``None`` if there is nothing behind it."""

    records: list[Record]
    place: Place | None


def select(kind: Kind, reach: Reach, shown: Fields, asked: Selection, after: Place | None = None) -> Statement:
    """Make the statement that reads what is asked for, in its order."""
    statement = Statement(kind)
    conditions = [statement.within(reach), *map(statement.holds, asked.conditions)]
    if after is not None:
        conditions.append(statement.behind(asked.order, after))
    statement.text = (
        f"SELECT {statement.columns(shown)} FROM {kind.name} AS r WHERE {' AND '.join(conditions)} "  # noqa: S608 - names of our models
        f"ORDER BY {statement.ordered(asked.order)}"
    )
    return statement


async def page(connection: Connection, kind: Kind, reach: Reach, shown: Fields, asked: Page) -> Found:
    """Give the records that match, as many as are asked for; the fields of the order are among those shown."""
    statement = select(kind, reach, shown, asked.selection, asked.after)
    limited = f"{statement.text} LIMIT {statement.bind(asked.limit + 1)}"
    rows = await connection.fetch(limited, *statement.values)
    kept = rows[: asked.limit]
    place = None
    if len(rows) > asked.limit:
        place = Place(tuple(kept[-1][key.field.name] for key in asked.selection.order), kept[-1]["id"])
    return Found([record_of(row) for row in kept], place)


async def get(connection: Connection, kind: Kind, reach: Reach, shown: Fields, record: str) -> Record | None:
    statement = Statement(kind)
    row = await connection.fetchrow(
        f"SELECT {statement.columns(shown)} FROM {kind.name} AS r "  # noqa: S608 - names of our models
        f"WHERE {statement.within(reach)} AND r.id = {statement.bind(record)}",
        *statement.values,
    )
    return record_of(row) if row else None


async def lock(connection: Connection, kind: Kind, reach: Reach, record: str) -> bool:
    """Hold a record until the end of the transaction; false if there is none within reach."""
    statement = Statement(kind)
    found = await connection.fetchval(
        f"SELECT true FROM {kind.name} AS r "  # noqa: S608 - names of our models
        f"WHERE {statement.within(reach)} AND r.id = {statement.bind(record)} FOR NO KEY UPDATE",
        *statement.values,
    )
    return found is not None


async def insert(
    connection: Connection, kind: Kind, tenant: str, record: str, values: Mapping[str, Any], shown: Fields
) -> Record | None:
    """Add a record; what is not given gets the column's default. ``None`` if the tenant has that id already."""
    statement = Statement(kind)
    given = {"tenant_id": tenant, "id": record, **_columns(kind, values)}
    places = ", ".join([statement.bind(value) for value in given.values()])
    row = await connection.fetchrow(
        f"INSERT INTO {kind.name} AS r ({', '.join(given)}) VALUES ({places}) "  # noqa: S608 - names of our models
        f"ON CONFLICT (tenant_id, id) DO NOTHING RETURNING {statement.columns(shown)}",
        *statement.values,
    )
    return record_of(row) if row else None


async def update(
    connection: Connection, kind: Kind, tenant: str, record: str, values: Mapping[str, Any], shown: Fields
) -> Record:
    """Change a record that the transaction holds."""
    statement = Statement(kind)
    changes = ", ".join(f"{name} = {statement.bind(value)}" for name, value in _columns(kind, values).items())
    row = await connection.fetchrow(
        f"UPDATE {kind.name} AS r SET {changes} "  # noqa: S608 - names of our models
        f"WHERE r.tenant_id = {statement.bind(tenant)} AND r.id = {statement.bind(record)} "
        f"RETURNING {statement.columns(shown)}",
        *statement.values,
    )
    assert row is not None, "the row is locked"  # noqa: S101 - for the type
    return record_of(row)


async def remove(connection: Connection, kind: Kind, tenant: str, record: str) -> None:
    """Remove a record that the transaction holds.

    Raises:
        asyncpg.ForeignKeyViolationError: when other records belong to it.

    """
    statement = Statement(kind)
    await connection.execute(
        f"DELETE FROM {kind.name} AS r "  # noqa: S608 - names of our models
        f"WHERE r.tenant_id = {statement.bind(tenant)} AND r.id = {statement.bind(record)}",
        *statement.values,
    )


async def hold_company(connection: Connection, kind: Kind, reach: Reach, company: str) -> bool:
    """See that a company is within reach, and keep it from being removed until the end of the transaction."""
    statement = Statement(kind)
    found = await connection.fetchval(
        f"SELECT true FROM {kind.name} AS r "  # noqa: S608 - names of our models
        f"WHERE {statement.within(reach)} AND r.id = {statement.bind(company)} FOR SHARE",
        *statement.values,
    )
    return found is not None


def _columns(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    return {column(field): values[field.name] for field in kind.fields if field.name in values}


def record_of(row: asyncpg.Record) -> Record:
    return nested((name, _plain(value)) for name, value in row.items())


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
