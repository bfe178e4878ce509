"""Clients that tenants block, and let in again."""

from collections.abc import Sequence

import asyncpg
import msgspec

from latchkey_contracts.requests.standing import Standing
from latchkey_kit.db import Connection


class TenantClient(msgspec.Struct, frozen=True, kw_only=True):
    """How a client stands in one tenant."""

    tenant: str
    client: str
    turn: int
    barred: bool
    reason: str
    by: str | None

    @property
    def standing(self) -> Standing:
        return Standing(
            kind="tenant_client",
            key=self.tenant + self.client,
            turn=self.turn,
            barred=self.barred,
            reason=self.reason,
            by=self.by,
        )


async def block(connection: Connection, tenant: str, client: str, *, reason: str, by: str | None) -> bool:
    """Bar a client in a tenant; returns whether that turned it."""
    turned = await connection.fetchval(
        """
        INSERT INTO tenant_client AS ours (tenant_id, client_id, turn, barred, reason, turned_by)
        VALUES ($1, $2, 1, true, $3, $4)
        ON CONFLICT (tenant_id, client_id) DO UPDATE
        SET turn = ours.turn + 1, barred = true, reason = excluded.reason, turned_by = excluded.turned_by
        WHERE NOT ours.barred
        RETURNING true
        """,
        tenant, client, reason, by,
    )  # fmt: skip
    return turned is not None


async def unblock(connection: Connection, tenant: str, client: str, *, reason: str, by: str | None) -> bool:
    """Lift what `block` did; returns whether that turned it."""
    turned = await connection.fetchval(
        """
        UPDATE tenant_client SET turn = turn + 1, barred = false, reason = $3, turned_by = $4
        WHERE tenant_id = $1 AND client_id = $2 AND barred
        RETURNING true
        """,
        tenant, client, reason, by,
    )  # fmt: skip
    return turned is not None


async def among(connection: Connection, client: str, tenants: Sequence[str]) -> dict[str, TenantClient]:
    """How a client stands in those of the tenants where it ever turned, by tenant."""
    rows = await connection.fetch(
        """
        SELECT tenant_id, client_id, turn, barred, reason, turned_by FROM tenant_client
        WHERE client_id = $1 AND tenant_id = ANY($2::uuid[])
        """,
        client,
        list(tenants),
    )
    return {row["tenant_id"]: found(row) for row in rows}


def found(row: asyncpg.Record) -> TenantClient:
    return TenantClient(
        tenant=row["tenant_id"],
        client=row["client_id"],
        turn=row["turn"],
        barred=row["barred"],
        reason=row["reason"],
        by=row["turned_by"],
    )
