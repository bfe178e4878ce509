"""What people have connected themselves. Every question here names the user."""

import datetime as dt

import asyncpg
import msgspec

from latchkey_contracts.feed import TENANT_USER_CLIENT
from latchkey_kit.db import Connection
from latchkey_token.store.alive import ALIVE, ENDS

_LIVING = f"(generation > 0 AND {ALIVE} AND {ENDS} > statement_timestamp())"
"""Its app has tokens, and they are good; needs the client's ``gate``."""


class ConnectedApp(msgspec.Struct, frozen=True, kw_only=True):
    """A user's living connections with one app in one tenant.

    ``last_used_at`` is when the last tokens of any of them were made. ``documents`` in hexadecimal, the newest
    connection's first; ``scope``: all words that any of them was granted.
    """

    tenant: str
    client: str
    connections: int
    connected_since: dt.datetime
    last_used_at: dt.datetime | None
    documents: tuple[str, ...]
    scope: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The newest living connection with an app. ``document`` in hexadecimal."""

    document: str
    resources: tuple[str, ...]
    connected_at: dt.datetime


class Tie(msgspec.Struct, frozen=True):
    """What there is between a user and an app in a tenant. ``living``: a code that waits for its exchange, too.

    ``cut``: it was parted before.
    """

    living: bool
    cut: bool


async def apps_of(connection: Connection, user: str) -> tuple[ConnectedApp, ...]:
    """Everything that a user has connected, in all tenants; what was connected last comes first."""
    rows = await connection.fetch(
        f"""
        SELECT ours.tenant_id, ours.client_id, count(*) AS connections, min(ours.created_at) AS connected_since,
            max(rotated_at) AS last_used_at, array_agg(encode(document, 'hex') ORDER BY born DESC) AS documents,
            array_agg(scope) AS scopes
        FROM connection AS ours JOIN granted_scope USING (document) JOIN gate ON gate.client_id = ours.client_id
        WHERE ours.user_id = $1 AND ours.user_id <> ours.client_id AND {_LIVING}
        GROUP BY ours.tenant_id, ours.client_id ORDER BY max(born) DESC
        """,  # noqa: S608 - constant fragments
        user,
    )
    return tuple(_app(row) for row in rows)


async def tie(connection: Connection, *, tenant: str, user: str, client: str) -> Tie:
    """Whether there is anything to part."""
    row = await connection.fetchrow(
        f"""
        SELECT EXISTS (
            SELECT FROM connection AS ours WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3 AND {ALIVE}
        ) AS living, EXISTS (SELECT FROM kill WHERE kind = $4 AND key = $5) AS cut
        """,  # noqa: S608 - a constant fragment
        tenant, user, client, TENANT_USER_CLIENT, tenant + user + client,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - it always has its one row
    return Tie(row["living"], row["cut"])


async def standing(connection: Connection, *, tenant: str, user: str, client: str) -> Standing | None:
    """The newest connection of a user with an app that has tokens and lives; ``None`` when nothing stands."""
    row = await connection.fetchrow(
        f"""
        SELECT encode(document, 'hex') AS document, resources, ours.created_at AS connected_at
        FROM connection AS ours JOIN gate ON gate.client_id = ours.client_id
        WHERE ours.tenant_id = $1 AND ours.user_id = $2 AND ours.client_id = $3 AND {_LIVING}
        ORDER BY born DESC LIMIT 1
        """,  # noqa: S608 - constant fragments
        tenant, user, client,
    )  # fmt: skip
    if row is None:
        return None
    return Standing(
        document=row["document"], resources=tuple(row["resources"]), connected_at=row["connected_at"]
    )  # fmt: skip


def _app(row: asyncpg.Record) -> ConnectedApp:
    return ConnectedApp(
        tenant=row["tenant_id"],
        client=row["client_id"],
        connections=row["connections"],
        connected_since=row["connected_since"],
        last_used_at=row["last_used_at"],
        documents=tuple(dict.fromkeys(row["documents"])),
        scope=tuple(sorted({word for scope in row["scopes"] for word in scope.split()})),
    )
