"""Sessions, by the SHA-256 of their id. They end by database time."""

import datetime as dt

import msgspec

from latchkey_auth.domain.people import User
from latchkey_kit.db import Connection


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """``csrf_secret`` is what the tokens of this session's forms are made from."""

    user: User
    csrf_secret: bytes
    staff: bool = False


async def may_begin(connection: Connection, user: str) -> bool:
    """Whether a user may have a session. Nobody disables them before the transaction ends."""
    return bool(await connection.fetchval("SELECT true FROM app_user WHERE id = $1 AND NOT disabled FOR SHARE", user))


async def add(connection: Connection, id_hash: bytes, user: str, csrf_secret: bytes, life: dt.timedelta) -> None:
    """Start a session, and forget those of the same user that are over."""
    await connection.execute("DELETE FROM session WHERE app_user = $1 AND expires_at <= clock_timestamp()", user)
    await connection.execute(
        "INSERT INTO session (id_hash, app_user, csrf_secret, expires_at) VALUES ($1, $2, $3, clock_timestamp() + $4)",
        id_hash, user, csrf_secret, life,
    )  # fmt: skip


async def living(connection: Connection, id_hash: bytes) -> Session | None:
    row = await connection.fetchrow(
        "SELECT app_user.id, app_user.email, app_user.name, app_user.staff, session.csrf_secret"
        " FROM session JOIN app_user ON app_user.id = session.app_user"
        " WHERE session.id_hash = $1 AND session.expires_at > clock_timestamp() AND NOT app_user.disabled",
        id_hash,
    )
    if row is None:
        return None
    user = User(id=row["id"], email=row["email"], name=row["name"])
    return Session(user=user, csrf_secret=row["csrf_secret"], staff=row["staff"])


async def end(connection: Connection, id_hash: bytes) -> None:
    await connection.execute("DELETE FROM session WHERE id_hash = $1", id_hash)


async def end_all(connection: Connection, user: str) -> None:
    await connection.execute("DELETE FROM session WHERE app_user = $1", user)
