"""Turns: those that a birth hangs on, and all of them for the token service, page by page."""

from typing import Final, LiteralString

import asyncpg
import msgspec

from latchkey_auth.domain import standing
from latchkey_contracts.requests.standing import Limits, Seen, Standing
from latchkey_kit.db import Connection

_NOBODY: Final = "0" * 32
_ID: Final = 32
_TURNED: Final[dict[str, LiteralString]] = {
    "tenant": "SELECT id, turn, off_boarded FROM tenant WHERE turn > 0 AND id > $2 ORDER BY id LIMIT $1",
    "user": "SELECT id, turn, disabled FROM app_user WHERE turn > 0 AND id > $2 ORDER BY id LIMIT $1",
    "tenant_user": (
        "SELECT tenant, app_user, turn, removed_at IS NOT NULL AS removed, turned_by FROM membership"
        " WHERE turn > 0 AND (tenant, app_user) > ($2, $3) ORDER BY tenant, app_user LIMIT $1"
    ),
    "limits": (
        "SELECT id, revision, refresh_token_lifetime, connection_lifetime FROM tenant"
        " WHERE revision > 0 AND id > $2 ORDER BY id LIMIT $1"
    ),
}
"""In the order in which pages go through them."""
_ONE: Final[dict[str, LiteralString]] = {
    "tenant": "SELECT id, turn, off_boarded FROM tenant WHERE turn > 0 AND id = $1",
    "user": "SELECT id, turn, disabled FROM app_user WHERE turn > 0 AND id = $1",
    "tenant_user": (
        "SELECT tenant, app_user, turn, removed_at IS NOT NULL AS removed, turned_by FROM membership"
        " WHERE turn > 0 AND tenant = $1 AND app_user = $2"
    ),
}
KEY_SIZES: Final = {"tenant": _ID, "user": _ID, "tenant_user": 2 * _ID, "limits": _ID}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page ended: the last key of one kind of things."""

    kind: str
    key: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page; ``place`` is where the next one starts behind, ``None`` at the end."""

    standings: tuple[Standing, ...]
    limits: tuple[Limits, ...]
    place: Place | None


async def seen(connection: Connection, tenant: str, user: str) -> tuple[Seen, ...] | None:
    """The turns of a tenant, a user and the membership, read together; ``None`` unless the user may act there now."""
    row = await connection.fetchrow(
        "SELECT tenant.turn AS tenant, app_user.turn AS app_user, membership.turn AS membership"
        " FROM membership JOIN tenant ON tenant.id = membership.tenant"
        " JOIN app_user ON app_user.id = membership.app_user"
        " WHERE membership.tenant = $1 AND membership.app_user = $2"
        " AND membership.removed_at IS NULL AND NOT tenant.off_boarded AND NOT app_user.disabled",
        tenant, user,
    )  # fmt: skip
    if row is None:
        return None
    return (
        Seen(kind="tenant", key=tenant, turn=row["tenant"]),
        Seen(kind="user", key=user, turn=row["app_user"]),
        Seen(kind="tenant_user", key=tenant + user, turn=row["membership"]),
    )


async def one(connection: Connection, kind: str, key: str) -> Standing | None:
    """How something stands; ``None`` when it never turned, or is not there."""
    row = await connection.fetchrow(_ONE[kind], *_ids(key))
    return None if row is None else _standing(kind, row)


async def page(connection: Connection, after: Place | None, size: int) -> Found:
    """Everything that ever turned, and every limit, behind a place."""
    standings: list[Standing] = []
    limits: list[Limits] = []
    kinds = list(_TURNED)
    for kind in kinds[kinds.index(after.kind) if after else 0 :]:
        key = after.key if after and after.kind == kind else _NOBODY * (KEY_SIZES[kind] // _ID)
        left = size - len(standings) - len(limits)
        rows = await connection.fetch(_TURNED[kind], left, *_ids(key))
        if kind == "limits":
            limits += [_limits(row) for row in rows]
        else:
            standings += [_standing(kind, row) for row in rows]
        if len(rows) == left:
            last = limits[-1].tenant if kind == "limits" else standings[-1].key
            return Found(standings=tuple(standings), limits=tuple(limits), place=Place(kind=kind, key=last))
    return Found(standings=tuple(standings), limits=tuple(limits), place=None)


def _ids(key: str) -> list[str]:
    return [key[start : start + _ID] for start in range(0, len(key), _ID)]


def _standing(kind: str, row: asyncpg.Record) -> Standing:
    match kind:
        case "tenant":
            return standing.of_tenant(row["id"], turn=row["turn"], off_boarded=row["off_boarded"])
        case "user":
            return standing.of_user(row["id"], turn=row["turn"], disabled=row["disabled"])
        case _:
            return standing.of_member(
                row["tenant"], row["app_user"], turn=row["turn"], removed=row["removed"], by=row["turned_by"]
            )


def _limits(row: asyncpg.Record) -> Limits:
    return Limits(
        tenant=row["id"],
        revision=row["revision"],
        refresh_token_lifetime=row["refresh_token_lifetime"],
        connection_lifetime=row["connection_lifetime"],
    )
