"""Teams, and who is in which."""

from collections.abc import Collection

import asyncpg
import msgspec

from latchkey_kit.db import Connection


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is unique within the tenant; ``members`` are users."""

    id: str
    name: str
    members: tuple[str, ...]


_TEAM = """
    SELECT id, name, ARRAY(
        SELECT user_id FROM team_member WHERE tenant_id = team.tenant_id AND team_id = team.id ORDER BY user_id
    ) AS members
    FROM team
"""


async def get(connection: Connection, tenant: str, team: str) -> Team | None:
    row = await connection.fetchrow(f"{_TEAM} WHERE tenant_id = $1 AND id = $2", tenant, team)
    return _team(row) if row else None


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Team]:
    """A tenant's teams by id, behind the team ``after``."""
    rows = await connection.fetch(
        f"{_TEAM} WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3", tenant, after, limit
    )
    return [_team(row) for row in rows]


async def insert(connection: Connection, tenant: str, team: str, name: str) -> bool:
    """Add a team without members; false when its name is taken."""
    added = await connection.fetchval(
        "INSERT INTO team (tenant_id, id, name) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, name) DO NOTHING"
        " RETURNING true",
        tenant,
        team,
        name,
    )
    return added is not None


async def rename(connection: Connection, tenant: str, team: str, name: str) -> bool:
    """Name a team that is there anew; false when another has the name."""
    changed = await connection.fetchval(
        """
        UPDATE team SET name = $3 WHERE tenant_id = $1 AND id = $2
          AND NOT EXISTS (SELECT FROM team AS other WHERE other.tenant_id = $1 AND other.name = $3 AND other.id <> $2)
        RETURNING true
        """,
        tenant,
        team,
        name,
    )
    return changed is not None


async def remove(connection: Connection, tenant: str, team: str) -> None:
    """End a team, with its memberships."""
    await connection.execute("DELETE FROM team WHERE tenant_id = $1 AND id = $2", tenant, team)


async def add_members(connection: Connection, tenant: str, team: str, users: Collection[str]) -> None:
    await connection.execute(
        "INSERT INTO team_member (tenant_id, team_id, user_id) SELECT $1, $2, unnest($3::uuid[])"
        " ON CONFLICT DO NOTHING",
        tenant,
        team,
        sorted(users),
    )


async def remove_members(connection: Connection, tenant: str, team: str, users: Collection[str]) -> None:
    await connection.execute(
        "DELETE FROM team_member WHERE tenant_id = $1 AND team_id = $2 AND user_id = ANY($3::uuid[])",
        tenant,
        team,
        sorted(users),
    )


async def colleagues(connection: Connection, tenant: str, user: str) -> frozenset[str]:
    """The user, and everybody in a team with them."""
    rows = await connection.fetch(
        """
        SELECT colleague.user_id FROM team_member AS mine JOIN team_member AS colleague USING (tenant_id, team_id)
        WHERE mine.tenant_id = $1 AND mine.user_id = $2
        """,
        tenant,
        user,
    )
    return frozenset({user, *(row["user_id"] for row in rows)})


def _team(row: asyncpg.Record) -> Team:
    return Team(id=row["id"], name=row["name"], members=tuple(row["members"]))
