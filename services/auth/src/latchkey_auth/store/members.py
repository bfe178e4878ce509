"""Memberships. The row of a removed one stays, so that its turn is remembered."""

import datetime as dt
from collections.abc import Collection

import asyncpg
import msgspec

from latchkey_auth.domain.people import User
from latchkey_kit.db import Connection


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """``since`` is when they were added last."""

    user: User
    since: dt.datetime
    removed: bool


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """A membership that began or ended, and who the person is now."""

    turn: int
    name: str | None
    email: str | None


async def add(connection: Connection, tenant: str, user: str, *, by: str | None) -> Turned | None:
    """Make somebody a member, for the first time or again; ``None`` when they are one.

    A tenant or user that is not there violates a foreign key.
    """
    row = await connection.fetchrow(
        "WITH turned AS (INSERT INTO membership AS known (tenant, app_user, turned_by) VALUES ($1, $2, $3)"
        " ON CONFLICT (app_user, tenant) DO UPDATE SET turn = known.turn + 1, removed_at = NULL,"
        " created_at = clock_timestamp(), turned_by = $3"
        " WHERE known.removed_at IS NOT NULL RETURNING turn, app_user)"
        " SELECT turned.turn, name, email FROM turned LEFT JOIN app_user ON app_user.id = turned.app_user",
        tenant, user, by,
    )  # fmt: skip
    return None if row is None else Turned(**row)


async def remove(connection: Connection, tenant: str, user: str, *, by: str | None) -> Turned | None:
    """End a membership; ``None`` when there is none."""
    row = await connection.fetchrow(
        "WITH turned AS (UPDATE membership SET turn = turn + 1, removed_at = clock_timestamp(), turned_by = $3"
        " WHERE tenant = $1 AND app_user = $2 AND removed_at IS NULL RETURNING turn, app_user)"
        " SELECT turned.turn, name, email FROM turned LEFT JOIN app_user ON app_user.id = turned.app_user",
        tenant, user, by,
    )  # fmt: skip
    return None if row is None else Turned(**row)


async def hold(connection: Connection, tenant: str, users: Collection[str]) -> frozenset[str]:
    """Keep these memberships as they are until the transaction ends; gives those that were removed before."""
    rows = await connection.fetch(
        "SELECT app_user, removed_at FROM membership WHERE tenant = $1 AND app_user = ANY($2::uuid[])"
        " ORDER BY app_user FOR NO KEY UPDATE",
        tenant, list(users),
    )  # fmt: skip
    return frozenset(row["app_user"] for row in rows if row["removed_at"] is not None)


async def among(connection: Connection, tenant: str, users: Collection[str]) -> tuple[str, ...]:
    """Those of these users who are members now."""
    rows = await connection.fetch(
        "SELECT app_user FROM membership WHERE tenant = $1 AND app_user = ANY($2::uuid[]) AND removed_at IS NULL"
        " ORDER BY app_user",
        tenant, list(users),
    )  # fmt: skip
    return tuple(row["app_user"] for row in rows)


async def named(connection: Connection, tenant: str, users: Collection[str]) -> list[User]:
    """Those of these users who are or were members."""
    rows = await connection.fetch(
        "SELECT app_user.id, app_user.email, app_user.name"
        " FROM membership JOIN app_user ON app_user.id = membership.app_user"
        " WHERE membership.tenant = $1 AND membership.app_user = ANY($2::uuid[])",
        tenant, list(users),
    )  # fmt: skip
    return [User(**row) for row in rows]


async def with_email(connection: Connection, tenant: str, email: str) -> Member | None:
    """Whoever is or was a member of this tenant under a folded address."""
    row = await connection.fetchrow(
        "SELECT app_user.id, app_user.email, app_user.name, membership.created_at, membership.removed_at"
        " FROM app_user JOIN membership ON membership.app_user = app_user.id"
        " WHERE membership.tenant = $1 AND app_user.email = $2",
        tenant, email,
    )  # fmt: skip
    return None if row is None else _member(row)


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Member]:
    """A tenant's members by id, behind the user ``after``."""
    rows = await connection.fetch(
        "SELECT app_user.id, app_user.email, app_user.name, membership.created_at, membership.removed_at"
        " FROM membership JOIN app_user ON app_user.id = membership.app_user"
        " WHERE membership.tenant = $1 AND membership.removed_at IS NULL"
        " AND ($2::uuid IS NULL OR membership.app_user > $2)"
        " ORDER BY membership.app_user LIMIT $3",
        tenant, after, limit,
    )  # fmt: skip
    return [_member(row) for row in rows]


def _member(row: asyncpg.Record) -> Member:
    user = User(id=row["id"], email=row["email"], name=row["name"])
    return Member(user=user, since=row["created_at"], removed=row["removed_at"] is not None)
