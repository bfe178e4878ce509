"""Invitations, by the SHA-256 of their token. They expire by database time; in an off-boarded tenant none is good."""

import datetime as dt
from typing import Final

import asyncpg
import msgspec

from latchkey_auth.domain.people import Tenant
from latchkey_kit.db import Connection

_COLUMNS: Final = (
    "invitation.id, tenant.id AS tenant_id, tenant.name AS tenant_name, tenant.title AS tenant_title,"
    " invitation.email, invitation.role, invitation.invited_by, invitation.created_at, invitation.expires_at"
)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to make. ``invited_by`` is ``None`` for staff."""

    id: str
    tenant: str
    email: str
    role: str
    invited_by: str | None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One that is good. ``invited_by`` as in `Wanted`."""

    id: str
    tenant: Tenant
    email: str
    role: str
    invited_by: str | None
    created_at: dt.datetime
    expires_at: dt.datetime


async def add(connection: Connection, wanted: Wanted, token_hash: bytes, life: dt.timedelta) -> dt.datetime:
    """Add one; gives the moment when it expires. Nobody is invited twice to the same tenant: see `take_former`."""
    expires_at: dt.datetime = await connection.fetchval(
        "INSERT INTO invitation (id, token_hash, tenant, email, role, invited_by, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7) RETURNING expires_at",
        wanted.id, token_hash, wanted.tenant, wanted.email, wanted.role, wanted.invited_by, life,
    )  # fmt: skip
    return expires_at


async def take_former(connection: Connection, tenant: str, email: str) -> str | None:
    """End the invitation that somebody has already; gives its id if it was good until now.

    Who else invites the same person waits until the transaction ends.
    """
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"invitation of {email} to {tenant}"
    )
    row = await connection.fetchrow(
        "DELETE FROM invitation WHERE tenant = $1 AND email = $2 RETURNING id, expires_at > clock_timestamp() AS good",
        tenant, email,
    )  # fmt: skip
    return row["id"] if row is not None and row["good"] else None


async def good(connection: Connection, token_hash: bytes, *, hold: bool = False) -> Invitation | None:
    """The invitation of a token, if it is good: none is while whoever invited is disabled.

    ``hold``: nobody else ends it before the transaction ends.
    """
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM invitation JOIN tenant ON tenant.id = invitation.tenant"  # noqa: S608 - constants
        " WHERE token_hash = $1 AND expires_at > clock_timestamp() AND NOT tenant.off_boarded"
        " AND NOT EXISTS (SELECT FROM app_user WHERE app_user.id = invitation.invited_by AND disabled)"
        f"{' FOR UPDATE OF invitation' if hold else ''}",
        token_hash,
    )
    return None if row is None else _invitation(row)


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Invitation]:
    """What is pending in a tenant, by id, behind the invitation ``after``."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM invitation JOIN tenant ON tenant.id = invitation.tenant"  # noqa: S608 - constants
        " WHERE invitation.tenant = $1 AND expires_at > clock_timestamp() AND ($2::uuid IS NULL OR invitation.id > $2)"
        " ORDER BY invitation.id LIMIT $3",
        tenant, after, limit,
    )  # fmt: skip
    return [_invitation(row) for row in rows]


async def withdraw(connection: Connection, tenant: str, invitation: str) -> str | None:
    """End a pending one; gives whom it was for, ``None`` when the tenant has no such."""
    email: str | None = await connection.fetchval(
        "DELETE FROM invitation WHERE tenant = $1 AND id = $2 AND expires_at > clock_timestamp() RETURNING email",
        tenant, invitation,
    )  # fmt: skip
    return email


async def end(connection: Connection, invitation: str) -> None:
    await connection.execute("DELETE FROM invitation WHERE id = $1", invitation)


async def forget_expired(connection: Connection, tenant: str) -> None:
    """Let nothing be left of people who never came."""
    await connection.execute("DELETE FROM invitation WHERE tenant = $1 AND expires_at <= clock_timestamp()", tenant)


def _invitation(row: asyncpg.Record) -> Invitation:
    return Invitation(
        id=row["id"],
        tenant=Tenant(id=row["tenant_id"], name=row["tenant_name"], title=row["tenant_title"]),
        email=row["email"],
        role=row["role"],
        invited_by=row["invited_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
