"""Records: read and written within somebody's reach only."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import asyncpg

from latchkey_kit.db import Connection
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.parameters import Page
from latchkey_records.domain.portfolio import Reach
from latchkey_records.store.statement import Statement, column

Record = dict[str, Any]
Fields = tuple[Field, ...]


async def page(connection: Connection, kind: Kind, reach: Reach, shown: Fields, asked: Page) -> list[Record]:
    """Give the records that match, in the order of their ids: one more than asked for, if there are more."""
    statement = Statement(kind)
    conditions = [statement.within(reach)]
    conditions += [f"{statement.expression(field)} = {statement.bind(value)}" for field, value in asked.filters]
    if asked.after is not None:
        conditions.append(f"r.id > {statement.bind(asked.after)}")
    rows = await connection.fetch(
        f"SELECT {statement.columns(shown)} FROM {kind.name} AS r WHERE {' AND '.join(conditions)} "  # noqa: S608 - names of our models
        f"ORDER BY r.id LIMIT {statement.bind(asked.limit + 1)}",
        *statement.values,
    )
    return [_record(row) for row in rows]


async def get(connection: Connection, kind: Kind, reach: Reach, shown: Fields, record: str) -> Record | None:
    statement = Statement(kind)
    row = await connection.fetchrow(
        f"SELECT {statement.columns(shown)} FROM {kind.name} AS r "  # noqa: S608 - names of our models
        f"WHERE {statement.within(reach)} AND r.id = {statement.bind(record)}",
        *statement.values,
    )
    return _record(row) if row else None


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
    return _record(row) if row else None


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
    return _record(row)


async def remove(connection: Connection, kind: Kind, reach: Reach, record: str) -> bool:
    """Remove a record; false if there is none within reach.

    Raises:
        asyncpg.ForeignKeyViolationError: when other records belong to it.

    """
    statement = Statement(kind)
    gone = await connection.fetchval(
        f"DELETE FROM {kind.name} AS r "  # noqa: S608 - names of our models
        f"WHERE {statement.within(reach)} AND r.id = {statement.bind(record)} RETURNING true",
        *statement.values,
    )
    return gone is not None


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


def _record(row: asyncpg.Record) -> Record:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
