"""Which user has which role, and the revision of all that is kept of one user in a tenant."""

from collections.abc import Iterable

from latchkey_kit.db import Connection


async def lock(connection: Connection, tenant: str) -> None:
    """Let changes of a tenant's roles, assignments, teams and lists take turns, to the end of the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"rights of {tenant}")


async def assign(connection: Connection, tenant: str, user: str, role: str) -> int | None:
    """Give a user a role of the tenant; returns the new revision, or ``None`` when nothing changes.

    Who is given a role, even the same, stays.
    """
    await connection.execute(
        "UPDATE assignment SET leaving_at = NULL WHERE tenant_id = $1 AND user_id = $2", tenant, user
    )
    found: int | None = await connection.fetchval(
        """
        INSERT INTO assignment (tenant_id, user_id, role_id, revision) VALUES ($1, $2, $3, 1)
        ON CONFLICT (tenant_id, user_id) DO UPDATE
        SET role_id = excluded.role_id, revision = assignment.revision + 1
        WHERE assignment.role_id IS DISTINCT FROM excluded.role_id
        RETURNING revision
        """,
        tenant,
        user,
        role,
    )
    return found


async def unassign(connection: Connection, tenant: str, user: str) -> int:
    """Take the role of a user who has one; returns the new revision."""
    revision: int = await connection.fetchval(
        "UPDATE assignment SET role_id = NULL, revision = revision + 1 WHERE tenant_id = $1 AND user_id = $2"
        " RETURNING revision",
        tenant,
        user,
    )
    return revision


async def touch(connection: Connection, tenant: str, users: Iterable[str]) -> dict[str, int]:
    """Move the revisions of users whose team or list changed; returns the new ones."""
    rows = await connection.fetch(
        """
        INSERT INTO assignment (tenant_id, user_id, revision) SELECT $1, unnest($2::uuid[]), 1
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET revision = assignment.revision + 1
        RETURNING user_id, revision
        """,
        tenant,
        sorted(set(users)),
    )
    return {row["user_id"]: row["revision"] for row in rows}


async def with_settings(
    connection: Connection, tenant: str, *, without_user: str | None = None, without_role: str | None = None
) -> bool:
    """Whether somebody who is not leaving has a role with the Settings flag, other than these."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM assignment
                JOIN role ON role.tenant_id = assignment.tenant_id AND role.id = assignment.role_id
                WHERE assignment.tenant_id = $1 AND role.settings AND leaving_at IS NULL
                  AND user_id IS DISTINCT FROM $2 AND role_id IS DISTINCT FROM $3
            )
            """,
            tenant,
            without_user,
            without_role,
        )
    )


async def leave(connection: Connection, tenant: str, user: str) -> None:
    """Note that a user was allowed to leave the tenant."""
    await connection.execute(
        "UPDATE assignment SET leaving_at = clock_timestamp() WHERE tenant_id = $1 AND user_id = $2", tenant, user
    )


async def members(connection: Connection, tenant: str, role: str, after: str | None, limit: int) -> list[str]:
    """Users who have a role, by id, behind the user ``after``."""
    rows = await connection.fetch(
        """
        SELECT user_id FROM assignment
        WHERE tenant_id = $1 AND role_id = $2 AND ($3::uuid IS NULL OR user_id > $3)
        ORDER BY user_id LIMIT $4
        """,
        tenant,
        role,
        after,
        limit,
    )
    return [row["user_id"] for row in rows]
