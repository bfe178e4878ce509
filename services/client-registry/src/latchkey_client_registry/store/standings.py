"""Everything that ever turned, for the token service: clients first, then tenants' clients, each by key."""

from typing import Final

import asyncpg

from latchkey_client_registry.store.tenant_clients import found
from latchkey_contracts.requests.standing import Standing
from latchkey_kit.db import Connection

ID_LENGTH: Final = 32
_BEFORE_ALL: Final = "0" * ID_LENGTH
_COLUMNS: Final = "id, turn, disabled OR compromised OR deleted_at IS NOT NULL AS barred, turn_reason, turned_by"


async def of_client(connection: Connection, client: str) -> Standing | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM client WHERE id = $1 AND turn > 0",  # noqa: S608 - a constant list of columns
        client,
    )
    return _client(row) if row else None


async def after(connection: Connection, key: str, limit: int) -> list[Standing]:
    """What comes after a key of either kind; all of it after an empty one."""
    first, second = key[:ID_LENGTH] or _BEFORE_ALL, key[ID_LENGTH:]
    if second:
        return await _tenant_clients(connection, first, second, limit)
    clients = await _clients(connection, first, limit)
    return clients + await _tenant_clients(connection, _BEFORE_ALL, _BEFORE_ALL, limit - len(clients))


async def _clients(connection: Connection, after_client: str, limit: int) -> list[Standing]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM client WHERE turn > 0 AND id > $1 ORDER BY id LIMIT $2",  # noqa: S608 - as above
        after_client,
        limit,
    )
    return [_client(row) for row in rows]


async def _tenant_clients(connection: Connection, tenant: str, client: str, limit: int) -> list[Standing]:
    rows = await connection.fetch(
        """
        SELECT tenant_id, client_id, turn, barred, reason, turned_by FROM tenant_client
        WHERE (tenant_id, client_id) > ($1, $2) ORDER BY tenant_id, client_id LIMIT $3
        """,
        tenant,
        client,
        limit,
    )
    return [found(row).standing for row in rows]


def _client(row: asyncpg.Record) -> Standing:
    return Standing(
        kind="client",
        key=row["id"],
        turn=row["turn"],
        barred=row["barred"],
        reason=row["turn_reason"],
        by=row["turned_by"],
    )
