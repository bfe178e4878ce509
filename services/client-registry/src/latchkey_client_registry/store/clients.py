"""Clients: who they are and where they may lead. A deleted one is found by nobody, unless it says so."""

import datetime as dt
from typing import Final

import asyncpg
import msgspec

from latchkey_client_registry.domain.publishing import Publishing
from latchkey_client_registry.domain.terms import Terms
from latchkey_client_registry.domain.turns import Bars
from latchkey_contracts.requests.clients import Client, ClientType, Preset, Proof
from latchkey_kit.db import Connection

COLUMNS: Final = """
    id, tenant_id, name, description, client_type, proof, preset, redirect_uris, published, created_at, updated_at,
    revision, turn, disabled, compromised, deleted_at IS NOT NULL AS deleted,
    retry_window, refresh_token_lifetime, connection_lifetime, client_credentials, dynamic, narrowing,
    updated_by, logo, publishing, publishing_at, publishing_by, publishing_note, publishing_reason, ever_published
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
    terms: Terms = Terms()
    operator_name: str | None = None
    published: bool = False
    narrowing: bool = False

    @property
    def dynamic(self) -> bool:
        """Only staff make it so, afterwards."""
        return False


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A client as it stands."""

    client: Client
    terms: Terms
    bars: Bars
    publishing: Publishing
    ever_published: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    updated_by: str | None


async def insert(connection: Connection, draft: Draft, by: str | None) -> bool:
    """Write a new client, unless there is one of its id; returns whether it is written."""
    written = await connection.fetchval(
        """
        INSERT INTO client (
            id, tenant_id, name, description, client_type, proof, preset, redirect_uris, operator_name, published,
            retry_window, refresh_token_lifetime, connection_lifetime, client_credentials, narrowing,
            updated_by, publishing, publishing_at, ever_published
        ) VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
            $16, CASE WHEN $10 THEN 'approved' ELSE 'none' END, CASE WHEN $10 THEN clock_timestamp() END, $10
        )
        ON CONFLICT (id) DO NOTHING
        RETURNING true
        """,
        draft.id, draft.tenant, draft.name, draft.description, draft.client_type, draft.proof, draft.preset,
        list(draft.redirect_uris), draft.operator_name, draft.published,
        draft.terms.retry_window, draft.terms.refresh_token_lifetime, draft.terms.connection_lifetime,
        draft.terms.client_credentials, draft.narrowing, by,
    )  # fmt: skip
    return written is not None


async def update(connection: Connection, client: Client, terms: Terms) -> int:
    """Write what admins may change, over a row that the caller has locked; returns the new revision."""
    revision: int = await connection.fetchval(
        """
        UPDATE client
        SET name = $2, description = $3, client_type = $4, proof = $5, redirect_uris = $6, retry_window = $7,
            refresh_token_lifetime = $8, connection_lifetime = $9, client_credentials = $10, narrowing = $11,
            updated_at = clock_timestamp(), revision = revision + 1
        WHERE id = $1
        RETURNING revision
        """,
        client.id, client.name, client.description, client.client_type, client.proof, list(client.redirect_uris),
        terms.retry_window, terms.refresh_token_lifetime, terms.connection_lifetime, terms.client_credentials,
        client.narrowing,
    )  # fmt: skip
    return revision


async def touch(connection: Connection, client: str) -> int:
    """Count a change of what hangs on a client, such as its secrets; returns the new revision."""
    revision: int = await connection.fetchval(
        "UPDATE client SET updated_at = clock_timestamp(), revision = revision + 1 WHERE id = $1 RETURNING revision",
        client,
    )
    return revision


async def sign(connection: Connection, client: str, before: int, *, by: str | None) -> None:
    """Note who made the changes since a revision, if there are any."""
    await connection.execute("UPDATE client SET updated_by = $3 WHERE id = $1 AND revision > $2", client, before, by)


async def switch_dynamic(connection: Connection, client: str, *, dynamic: bool) -> int:
    """Write the staff's switch over a row that the caller has locked; returns the new revision."""
    revision: int = await connection.fetchval(
        """
        UPDATE client SET dynamic = $2, updated_at = clock_timestamp(), revision = revision + 1
        WHERE id = $1 RETURNING revision
        """,
        client,
        dynamic,
    )
    return revision


async def turn(connection: Connection, client: str, bars: Bars, *, reason: str, by: str | None) -> int:
    """Move a client's turn, and with it how it is barred; returns the new turn.

    A deleted client gives its operator's name back.
    """
    new_turn: int = await connection.fetchval(
        """
        UPDATE client
        SET disabled = $2, compromised = $3, turn_reason = $5, turned_by = $6,
            deleted_at = CASE WHEN $4 THEN clock_timestamp() END,
            operator_name = CASE WHEN $4 THEN NULL ELSE operator_name END,
            updated_at = clock_timestamp(), revision = revision + 1, turn = turn + 1
        WHERE id = $1
        RETURNING turn
        """,
        client, bars.disabled, bars.compromised, bars.deleted, reason, by,
    )  # fmt: skip
    return new_turn


async def get(connection: Connection, client: str) -> Stored | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM client WHERE id = $1 AND deleted_at IS NULL",  # noqa: S608 - constant
        client,
    )
    return stored(row) if row else None


async def lock(connection: Connection, client: str) -> Stored | None:
    """Give a client that nobody else changes before the end of the transaction."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM client WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",  # noqa: S608 - constant
        client,
    )
    return stored(row) if row else None


async def reread(connection: Connection, client: str) -> Stored:
    """Give a client that is there for certain, even if it is deleted by now."""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM client WHERE id = $1", client)  # noqa: S608 - constant
    assert row is not None  # noqa: S101 - the caller has its lock, and rows stay
    return stored(row)


async def find_by_operator_name(connection: Connection, tenant: str, name: str) -> str | None:
    found: str | None = await connection.fetchval(
        "SELECT id FROM client WHERE tenant_id = $1 AND operator_name = $2", tenant, name
    )
    return found


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Stored]:
    """A tenant's own clients, oldest first, behind the id ``after``."""
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM client
        WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id > $2)
        ORDER BY id LIMIT $3
        """,  # noqa: S608 - a constant list of columns
        tenant,
        after,
        limit,
    )
    return [stored(row) for row in rows]


def stored(row: asyncpg.Record) -> Stored:
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
        dynamic=row["dynamic"],
        narrowing=row["narrowing"],
        published=row["published"],
        logo=logo_path(row["id"], row["logo"]),
    )
    terms = Terms(
        retry_window=row["retry_window"],
        refresh_token_lifetime=row["refresh_token_lifetime"],
        connection_lifetime=row["connection_lifetime"],
        client_credentials=row["client_credentials"],
    )
    return Stored(
        client=client,
        terms=terms,
        bars=Bars(disabled=row["disabled"], compromised=row["compromised"], deleted=row["deleted"]),
        publishing=Publishing(
            state=row["publishing"],
            at=row["publishing_at"],
            by=row["publishing_by"],
            note=row["publishing_note"],
            reason=row["publishing_reason"],
        ),
        ever_published=row["ever_published"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )


def logo_path(client: str, digest: str | None) -> str | None:
    """Where a client's picture is on the origin of the pages. It is another path when it is another picture."""
    return f"/logos/{client}/{digest}.png" if digest else None
