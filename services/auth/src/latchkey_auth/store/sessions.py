"""Sessions, by the SHA-256 of their id. They end by database time."""

import datetime as dt

import msgspec

from latchkey_auth.domain.people import User
from latchkey_kit.db import Connection


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` tells it apart from others. ``csrf_secret`` is what the tokens of this session's forms are made from.

    ``age``: seconds since the sign-in. ``long_unseen``: it is time to note that it is used.
    """

    id: str
    user: User
    csrf_secret: bytes
    age: float
    staff: bool = False
    long_unseen: bool = False


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its owner sees it. ``address`` and ``agent`` are those of the sign-in."""

    id: str
    created_at: dt.datetime
    last_seen_at: dt.datetime
    address: str | None
    agent: str | None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a session that begins."""

    id: str
    id_hash: bytes
    csrf_secret: bytes
    address: str | None
    agent: str | None


async def may_begin(connection: Connection, user: str, password_hash: str) -> bool:
    """Whether a user whose password was checked against this hash may have a session.

    Nobody disables them or sets another password before the transaction ends.
    """
    return bool(
        await connection.fetchval(
            "SELECT true FROM app_user WHERE id = $1 AND password_hash = $2 AND NOT disabled FOR SHARE",
            user,
            password_hash,
        )
    )


async def add(connection: Connection, user: str, begun: Begun, life: dt.timedelta) -> None:
    """Start a session, and forget those of the same user that are over."""
    await connection.execute("DELETE FROM session WHERE app_user = $1 AND expires_at <= clock_timestamp()", user)
    await connection.execute(
        "INSERT INTO session (id, id_hash, app_user, csrf_secret, address, agent, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7)",
        begun.id, begun.id_hash, user, begun.csrf_secret, begun.address, begun.agent, life,
    )  # fmt: skip


async def living(connection: Connection, id_hash: bytes) -> Session | None:
    row = await connection.fetchrow(
        "SELECT app_user.id, app_user.email, app_user.name, app_user.staff, session.csrf_secret, session.id AS session,"
        " session.last_seen_at < clock_timestamp() - interval '1 minute' AS long_unseen,"
        " extract(epoch FROM clock_timestamp() - session.created_at)::float8 AS age"
        " FROM session JOIN app_user ON app_user.id = session.app_user"
        " WHERE session.id_hash = $1 AND session.expires_at > clock_timestamp() AND NOT app_user.disabled",
        id_hash,
    )
    if row is None:
        return None
    user = User(id=row["id"], email=row["email"], name=row["name"])
    return Session(
        id=row["session"],
        user=user,
        csrf_secret=row["csrf_secret"],
        age=row["age"],
        staff=row["staff"],
        long_unseen=row["long_unseen"],
    )


async def seen(connection: Connection, id_hash: bytes) -> None:
    await connection.execute("UPDATE session SET last_seen_at = clock_timestamp() WHERE id_hash = $1", id_hash)


async def renew(connection: Connection, former: bytes, id_hash: bytes, csrf_secret: bytes) -> bool:
    """Let a living session be found by another id, and have forms of its own; false when it is over."""
    status = await connection.execute(
        "UPDATE session SET id_hash = $2, csrf_secret = $3 WHERE id_hash = $1 AND expires_at > clock_timestamp()",
        former, id_hash, csrf_secret,
    )  # fmt: skip
    return status == "UPDATE 1"


async def of_user(connection: Connection, user: str) -> list[Login]:
    """Living ones, the last used first."""
    rows = await connection.fetch(
        "SELECT id, created_at, last_seen_at, address, agent FROM session"
        " WHERE app_user = $1 AND expires_at > clock_timestamp() ORDER BY last_seen_at DESC, id",
        user,
    )
    return [Login(**row) for row in rows]


async def end_one(connection: Connection, user: str, session: str) -> bool:
    """End a living session of this user; false when there is no such."""
    status = await connection.execute(
        "DELETE FROM session WHERE app_user = $1 AND id = $2 AND expires_at > clock_timestamp()", user, session
    )
    return status == "DELETE 1"


async def end_others(connection: Connection, user: str, session: str | None) -> int:
    """End every session of a user but this one; gives how many of them were living."""
    rows = await connection.fetch(
        "DELETE FROM session WHERE app_user = $1 AND id IS DISTINCT FROM $2"
        " RETURNING expires_at > clock_timestamp() AS living",
        user, session,
    )  # fmt: skip
    return sum(row["living"] for row in rows)


async def end(connection: Connection, id_hash: bytes) -> None:
    await connection.execute("DELETE FROM session WHERE id_hash = $1", id_hash)


async def end_all(connection: Connection, user: str) -> None:
    await connection.execute("DELETE FROM session WHERE app_user = $1", user)
