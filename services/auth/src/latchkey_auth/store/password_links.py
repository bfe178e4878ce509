"""Links for a new password, one a user at most, by the SHA-256 of their token. They expire by database time."""

import datetime as dt
from typing import Final

import asyncpg
import msgspec

from latchkey_auth.domain.people import User
from latchkey_kit.db import Connection

_GOOD: Final = (
    "SELECT app_user.id, app_user.email, app_user.name, password_link.tenant, password_link.made_by"
    " FROM password_link JOIN app_user ON app_user.id = password_link.app_user"
    " JOIN app_user AS maker ON maker.id = password_link.made_by"
    " WHERE token_hash = $1 AND expires_at > clock_timestamp() AND NOT app_user.disabled AND NOT maker.disabled"
    " AND (maker.staff OR password_link.tenant IS NOT NULL)"
)


class PasswordLink(msgspec.Struct, frozen=True, kw_only=True):
    """``tenant`` is where whoever made it manages, ``None`` for staff."""

    user: User
    tenant: str | None
    made_by: str


class Ties(msgspec.Struct, frozen=True, kw_only=True):
    """What an account opens besides one tenant."""

    staff: bool
    elsewhere: bool


async def put(
    connection: Connection, user: str, token_hash: bytes, *, tenant: str | None, made_by: str, life: dt.timedelta
) -> dt.datetime:
    """Make a link in the place of the user's former one; gives the moment when it expires."""
    expires_at: dt.datetime = await connection.fetchval(
        "INSERT INTO password_link (app_user, token_hash, tenant, made_by, expires_at)"
        " VALUES ($1, $2, $3, $4, clock_timestamp() + $5)"
        " ON CONFLICT (app_user) DO UPDATE SET token_hash = excluded.token_hash, tenant = excluded.tenant,"
        " made_by = excluded.made_by, expires_at = excluded.expires_at RETURNING expires_at",
        user, token_hash, tenant, made_by, life,
    )  # fmt: skip
    return expires_at


async def good(connection: Connection, token_hash: bytes) -> PasswordLink | None:
    """The link of a token, if it is good; none is for a disabled user, nor by one, nor by who is staff no more."""
    return _link(await connection.fetchrow(_GOOD, token_hash))


async def hold(connection: Connection, token_hash: bytes) -> PasswordLink | None:
    """As `good`; until the transaction ends, nobody else uses it, and its user joins and leaves no tenant."""
    held = _link(await connection.fetchrow(f"{_GOOD} FOR UPDATE OF password_link, app_user", token_hash))
    if held is not None:
        # The first time in a tenant waits for the user's row, as a foreign key; every other time is an UPDATE.
        await connection.execute("SELECT FROM membership WHERE app_user = $1 ORDER BY tenant FOR SHARE", held.user.id)
    return held


async def end(connection: Connection, user: str) -> None:
    await connection.execute("DELETE FROM password_link WHERE app_user = $1", user)


async def ties(connection: Connection, user: str, tenant: str) -> Ties | None:
    """What the account of a member of a tenant opens besides it; ``None`` for who is no member."""
    row = await connection.fetchrow(
        "SELECT app_user.staff, EXISTS (SELECT FROM membership AS other WHERE other.app_user = $1"
        " AND other.tenant <> $2 AND other.removed_at IS NULL) AS elsewhere"
        " FROM membership JOIN app_user ON app_user.id = membership.app_user"
        " WHERE membership.app_user = $1 AND membership.tenant = $2 AND membership.removed_at IS NULL",
        user, tenant,
    )  # fmt: skip
    return None if row is None else Ties(staff=row["staff"], elsewhere=row["elsewhere"])


async def set_password(connection: Connection, user: str, password_hash: str) -> None:
    await connection.execute("UPDATE app_user SET password_hash = $2 WHERE id = $1", user, password_hash)


def _link(row: asyncpg.Record | None) -> PasswordLink | None:
    if row is None:
        return None
    user = User(id=row["id"], email=row["email"], name=row["name"])
    return PasswordLink(user=user, tenant=row["tenant"], made_by=row["made_by"])
