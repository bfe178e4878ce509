"""Clients: who they are and where they may lead."""

import datetime as dt

import asyncpg
import msgspec

from latchkey_contracts.requests.clients import Client, ClientType, Preset, Proof
from latchkey_kit.db import Connection

_COLUMNS = """
    id, tenant_id, name, description, client_type, proof, preset, redirect_uris, published, created_at, updated_at,
    revision, turn
"""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A client that is about to be made."""

    id: str
    tenant: str
    name: str
    description: str
    client_type: ClientType
    proof: Proof
    preset: Preset
    redirect_uris: tuple[str, ...]
    operator_name: str | None = None
    published: bool = False


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A client as it stands."""

    client: Client
    published: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """New values; ``None`` keeps what is there."""

    name: str | None = None
    description: str | None = None
    proof: Proof | None = None
    redirect_uris: tuple[str, ...] | None = None


async def insert(connection: Connection, draft: Draft) -> Stored:
    row = await connection.fetchrow(
        f"""
        INSERT INTO client
            (id, tenant_id, name, description, client_type, proof, preset, redirect_uris, operator_name, published)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        RETURNING {_COLUMNS}
        """,  # noqa: S608 - a constant list of columns
        draft.id,
        draft.tenant,
        draft.name,
        draft.description,
        draft.client_type,
        draft.proof,
        draft.preset,
        list(draft.redirect_uris),
        draft.operator_name,
        draft.published,
    )
    assert row is not None  # noqa: S101 - an INSERT that returns nothing raises
    return _stored(row)


async def update(connection: Connection, tenant: str, client: str, changes: Changes) -> Stored | None:
    """Change a tenant's client; every change is a new revision. ``None`` when the tenant has no such client."""
    row = await connection.fetchrow(
        f"""
        UPDATE client
        SET name = coalesce($3, name), description = coalesce($4, description), proof = coalesce($5, proof),
            redirect_uris = coalesce($6, redirect_uris), updated_at = clock_timestamp(), revision = revision + 1
        WHERE tenant_id = $1 AND id = $2
        RETURNING {_COLUMNS}
        """,  # noqa: S608 - a constant list of columns
        tenant,
        client,
        changes.name,
        changes.description,
        changes.proof,
        list(changes.redirect_uris) if changes.redirect_uris is not None else None,
    )
    return _stored(row) if row else None


async def get(connection: Connection, client: str) -> Stored | None:
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM client WHERE id = $1", client)  # noqa: S608 - constant
    return _stored(row) if row else None


async def find_by_operator_name(connection: Connection, tenant: str, name: str) -> str | None:
    found: str | None = await connection.fetchval(
        "SELECT id FROM client WHERE tenant_id = $1 AND operator_name = $2", tenant, name
    )
    return found


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Stored]:
    """A tenant's own clients, oldest first, behind the id ``after``."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM client
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2)
        ORDER BY id LIMIT $3
        """,  # noqa: S608 - a constant list of columns
        tenant,
        after,
        limit,
    )
    return [_stored(row) for row in rows]


def _stored(row: asyncpg.Record) -> Stored:
    client = Client(
        id=row["id"],
        tenant=row["tenant_id"],
        name=row["name"],
        description=row["description"],
        client_type=row["client_type"],
        proof=row["proof"],
        preset=row["preset"],
        redirect_uris=tuple(row["redirect_uris"]),
        revision=row["revision"],
        turn=row["turn"],
    )
    return Stored(client=client, published=row["published"], created_at=row["created_at"], updated_at=row["updated_at"])
