"""Roles, and which user has which."""

import msgspec

from latchkey_kit.db import Connection
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role as it is asked for: ``name`` is unique within the tenant."""

    tenant: str
    name: str
    permissions: PermissionSet
    portfolio: Portfolio
    app_center: bool
    settings: bool
    audit: bool


class Changed(msgspec.Struct, frozen=True):
    id: str
    revision: int


async def put(connection: Connection, new_id: str, role: Role) -> Changed | None:
    """Make or replace a role by name; ``None`` when it stands like that already."""
    row = await connection.fetchrow(
        """
        INSERT INTO role (id, tenant_id, name, permissions, portfolio, app_center, settings, audit, revision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)
        ON CONFLICT (tenant_id, name) DO UPDATE
        SET permissions = excluded.permissions, portfolio = excluded.portfolio, app_center = excluded.app_center,
            settings = excluded.settings, audit = excluded.audit, revision = role.revision + 1
        WHERE (role.permissions, role.portfolio, role.app_center, role.settings, role.audit)
           <> (excluded.permissions, excluded.portfolio, excluded.app_center, excluded.settings, excluded.audit)
        RETURNING id, revision
        """,
        new_id,
        role.tenant,
        role.name,
        role.permissions.encode().decode(),
        role.portfolio,
        role.app_center,
        role.settings,
        role.audit,
    )
    return Changed(row["id"], row["revision"]) if row else None


async def find(connection: Connection, tenant: str, name: str) -> str:
    """The id of a role that is there."""
    return str(await connection.fetchval("SELECT id FROM role WHERE tenant_id = $1 AND name = $2", tenant, name))


async def exists(connection: Connection, tenant: str, role: str) -> bool:
    return bool(
        await connection.fetchval("SELECT EXISTS (SELECT FROM role WHERE tenant_id = $1 AND id = $2)", tenant, role)
    )


async def assign(connection: Connection, tenant: str, user: str, role: str) -> int | None:
    """Give a user a role of the tenant; returns the assignment's new revision, or ``None`` when nothing changes."""
    found: int | None = await connection.fetchval(
        """
        INSERT INTO assignment (tenant_id, user_id, role_id, revision) VALUES ($1, $2, $3, 1)
        ON CONFLICT (tenant_id, user_id) DO UPDATE
        SET role_id = excluded.role_id, revision = assignment.revision + 1
        WHERE assignment.role_id <> excluded.role_id
        RETURNING revision
        """,
        tenant,
        user,
        role,
    )
    return found
