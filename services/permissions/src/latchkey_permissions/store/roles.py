"""Roles."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec

from latchkey_kit.db import Connection
from latchkey_permissions.domain.bounds import Reach
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio

_COLUMNS: Final = (
    "role.id, role.name, role.permissions, role.portfolio, role.app_center, role.settings, role.audit, role.revision"
)


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is unique within the tenant."""

    id: str = ""
    name: str
    reach: Reach
    revision: int = 0


async def insert(connection: Connection, tenant: str, role: Role) -> bool:
    """Add a role; false when its name is taken."""
    added = await connection.fetchval(
        """
        INSERT INTO role (tenant_id, id, name, permissions, portfolio, app_center, settings, audit, revision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, name) DO NOTHING RETURNING true
        """,
        tenant,
        *_values(role),
    )
    return added is not None


async def update(connection: Connection, tenant: str, role: Role) -> bool:
    """Change a role that is there; false when its name is another one's."""
    changed = await connection.fetchval(
        """
        UPDATE role SET name = $3, permissions = $4, portfolio = $5, app_center = $6, settings = $7, audit = $8,
            revision = $9
        WHERE tenant_id = $1 AND id = $2
          AND NOT EXISTS (SELECT FROM role AS other WHERE other.tenant_id = $1 AND other.name = $3 AND other.id <> $2)
        RETURNING true
        """,
        tenant,
        *_values(role),
    )
    return changed is not None


async def remove(connection: Connection, tenant: str, role: str) -> bool:
    """End a role that is there; false when somebody has it."""
    removed = await connection.fetchval(
        """
        DELETE FROM role WHERE tenant_id = $1 AND id = $2
          AND NOT EXISTS (SELECT FROM assignment WHERE tenant_id = $1 AND role_id = $2)
        RETURNING true
        """,
        tenant,
        role,
    )
    return removed is not None


async def get(connection: Connection, tenant: str, role: str) -> Role | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM role WHERE tenant_id = $1 AND id = $2",  # noqa: S608 - constant columns
        tenant,
        role,
    )
    return role_in(row)


async def named(connection: Connection, tenant: str, name: str) -> Role | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM role WHERE tenant_id = $1 AND name = $2",  # noqa: S608 - constant columns
        tenant,
        name,
    )
    return role_in(row)


async def of_user(connection: Connection, tenant: str, user: str) -> Role | None:
    row = await connection.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM assignment
        JOIN role ON role.tenant_id = assignment.tenant_id AND role.id = assignment.role_id
        WHERE assignment.tenant_id = $1 AND assignment.user_id = $2
        """,  # noqa: S608 - constant columns
        tenant,
        user,
    )
    return role_in(row)


async def names_of(connection: Connection, tenant: str, users: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Id and name of each user's role, by user; whoever has none is left out."""
    rows = await connection.fetch(
        """
        SELECT assignment.user_id, role.id, role.name FROM assignment
        JOIN role ON role.tenant_id = assignment.tenant_id AND role.id = assignment.role_id
        WHERE assignment.tenant_id = $1 AND assignment.user_id = ANY($2::uuid[])
        """,
        tenant,
        users,
    )
    return {row["user_id"]: (row["id"], row["name"]) for row in rows}


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Role]:
    """A tenant's roles by id, behind the role ``after``."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM role WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2)"  # noqa: S608 - constant
        " ORDER BY id LIMIT $3",
        tenant,
        after,
        limit,
    )
    return [role for row in rows if (role := role_in(row))]


def role_in(row: asyncpg.Record | None) -> Role | None:
    if row is None:
        return None
    reach = Reach(
        permissions=PermissionSet.decode(row["permissions"]),
        portfolio=Portfolio(row["portfolio"]),
        app_center=row["app_center"],
        settings=row["settings"],
        audit=row["audit"],
    )
    return Role(id=row["id"], name=row["name"], reach=reach, revision=row["revision"])


def _values(role: Role) -> tuple[object, ...]:
    reach = role.reach
    return (
        role.id,
        role.name,
        reach.permissions.encode().decode(),
        reach.portfolio,
        reach.app_center,
        reach.settings,
        reach.audit,
        role.revision,
    )
