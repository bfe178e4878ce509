"""Tenants as staff see them."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection


class ListedTenant(msgspec.Struct, frozen=True, kw_only=True):
    """``members`` is how many there are now."""

    id: str
    name: str
    title: str
    members: int
    off_boarded: bool
    created_at: dt.datetime


async def page(connection: Connection, words: str, after: str | None, limit: int) -> list[ListedTenant]:
    """Tenants by name, behind the name ``after``, whose name or title holds these words, or whose id they are."""
    rows = await connection.fetch(
        "SELECT id, name, title, off_boarded, created_at, (SELECT count(*) FROM membership"
        " WHERE membership.tenant = tenant.id AND removed_at IS NULL) AS members FROM tenant"
        " WHERE (strpos(name, lower($1)) > 0 OR strpos(lower(title), lower($1)) > 0"
        " OR replace(id::text, '-', '') = lower($1)) AND ($2::text IS NULL OR name > $2)"
        " ORDER BY name LIMIT $3",
        words, after, limit,
    )  # fmt: skip
    return [ListedTenant(**row) for row in rows]
