"""Everything that decides what one connection may do, each time in one statement, so from one snapshot.

A client that acts for itself is its own user (RFC 6749 §4.4), in the tenant that made it: no role reduces what it may
do, and it sees every company. Its ceiling binds it even where users of it have none (``dynamic``).
"""

from collections.abc import Sequence

import msgspec

from latchkey_contracts.requests.permissions import Part, Rights
from latchkey_kit.db import Connection
from latchkey_permissions.domain.bounds import Reach
from latchkey_permissions.store import roles
from latchkey_policy.effective import GrantDocument
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio

_NOTHING = b"{}"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What client and user may do now; ``None`` where there is no ceiling or no role.

    ``dynamic``: the ceiling is everything in the catalogue instead. ``made_by`` is the tenant that made the client.
    """

    stamp: str
    ceiling: PermissionSet | None
    role: PermissionSet | None
    portfolio: Portfolio
    dynamic: bool = False
    made_by: str | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """``dynamic``: the ceiling in ``rights`` is to be everything in the catalogue, which had this stamp."""

    rights: Rights
    dynamic: bool
    stamp: str


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who manages others may do themselves. ``role`` is its id, ``None`` when no role says so."""

    reach: Reach
    role: str | None = None


async def standing(connection: Connection, tenant: str, user: str, client: str) -> Standing:
    row = await connection.fetchrow(
        """
        SELECT catalogue.stamp, ceiling.permissions AS ceiling, ceiling.tenant_id AS made_by,
               coalesce(ceiling.dynamic, false) AS dynamic, role.permissions AS role, role.portfolio
        FROM catalogue
        LEFT JOIN ceiling ON ceiling.client_id = $3
        LEFT JOIN assignment ON assignment.tenant_id = $1 AND assignment.user_id = $2
        LEFT JOIN role ON role.tenant_id = assignment.tenant_id AND role.id = assignment.role_id
        """,
        tenant,
        user,
        client,
    )
    assert row is not None, "the catalogue has its one row from the first migration on"  # noqa: S101 - for the type
    ceiling = _set(row["ceiling"])
    if user == client:
        own = ceiling if row["made_by"] == tenant else None
        return Standing(stamp=row["stamp"], ceiling=own, role=own, portfolio=Portfolio.ALL, made_by=row["made_by"])
    return Standing(
        stamp=row["stamp"],
        ceiling=ceiling,
        role=_set(row["role"]),
        portfolio=Portfolio(row["portfolio"] or Portfolio.OWN),
        dynamic=row["dynamic"],
        made_by=row["made_by"],
    )


async def own(connection: Connection, tenant: str, user: str) -> Own:
    """What bounds somebody who grants: their role now, or, when they are a client, its ceiling; nothing without."""
    if role := await roles.of_user(connection, tenant, user):
        return Own(reach=role.reach, role=role.id)
    itself = await standing(connection, tenant, user, user)
    return Own(reach=Reach(permissions=itself.role, portfolio=itself.portfolio) if itself.role else Reach())


async def keep(connection: Connection, tenant: str, document: GrantDocument) -> str:
    """Store a grant document, once; returns its digest in hexadecimal."""
    digest = document.digest()
    await connection.execute(
        "INSERT INTO grant_document (tenant_id, digest, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        tenant,
        digest,
        document.encode(),
    )
    return digest.hex()


async def rights(connection: Connection, tenant: str, user: str, client: str, document: str) -> Found | None:
    """``None`` when the tenant has no such document."""
    row = await connection.fetchrow(
        """
        SELECT catalogue.stamp, granted.body,
               ceiling.permissions AS ceiling, coalesce(ceiling.revision, 0) AS ceiling_revision,
               ceiling.tenant_id AS made_by, coalesce(ceiling.dynamic, false) AS dynamic,
               coalesce(assignment.revision, 0) AS assignment_revision,
               role.id AS role_id, role.permissions AS role, role.revision AS role_revision, role.portfolio,
               CASE WHEN 'team' IN (role.portfolio, granted.portfolio) THEN ARRAY(
                   SELECT $2::uuid UNION SELECT colleague.user_id FROM team_member AS mine
                   JOIN team_member AS colleague USING (tenant_id, team_id)
                   WHERE mine.tenant_id = $1 AND mine.user_id = $2 ORDER BY 1
               ) ELSE '{}' END AS team,
               CASE WHEN 'listed' IN (role.portfolio, granted.portfolio) THEN ARRAY(
                   SELECT company_id FROM listed_company WHERE tenant_id = $1 AND user_id = $2 ORDER BY 1
               ) ELSE '{}' END AS listed
        FROM catalogue
        CROSS JOIN (
            SELECT body, convert_from(body, 'UTF8')::jsonb ->> 'portfolio' AS portfolio
            FROM grant_document WHERE tenant_id = $1 AND digest = $4
        ) AS granted
        LEFT JOIN ceiling ON ceiling.client_id = $3
        LEFT JOIN assignment ON assignment.tenant_id = $1 AND assignment.user_id = $2
        LEFT JOIN role ON role.tenant_id = assignment.tenant_id AND role.id = assignment.role_id
        """,
        tenant,
        user,
        client,
        bytes.fromhex(document),
    )
    if row is None:
        return None
    itself = user == client
    ceiling = _part(client, row["ceiling_revision"], row["ceiling"])
    if itself:
        role, portfolio = ceiling if row["made_by"] == tenant else None, Portfolio.ALL.value
    else:
        role = row["role_id"] and _part(row["role_id"], row["role_revision"], row["role"])
        portfolio = row["portfolio"] or Portfolio.OWN.value
    found = Rights(
        document=msgspec.Raw(row["body"]),
        ceiling=ceiling,
        role=role,
        assignment=row["assignment_revision"],
        portfolio=portfolio,
        team=tuple(row["team"]),
        listed=tuple(row["listed"]),
    )
    return Found(rights=found, dynamic=row["dynamic"] and not itself, stamp=row["stamp"])


async def document(connection: Connection, tenant: str, digest: str) -> GrantDocument | None:
    body = await connection.fetchval(
        "SELECT body FROM grant_document WHERE tenant_id = $1 AND digest = $2", tenant, bytes.fromhex(digest)
    )
    return None if body is None else GrantDocument.decode(body)


async def documents(connection: Connection, tenant: str, digests: Sequence[str]) -> dict[str, GrantDocument]:
    """A tenant's grant documents by digest; those that it does not have are left out."""
    rows = await connection.fetch(
        "SELECT digest, body FROM grant_document WHERE tenant_id = $1 AND digest = ANY($2::bytea[])",
        tenant,
        [bytes.fromhex(digest) for digest in digests],
    )
    return {row["digest"].hex(): GrantDocument.decode(row["body"]) for row in rows}


def _part(key: str, revision: int, permissions: str | None) -> Part:
    text = _NOTHING if permissions is None else permissions.encode()
    return Part(key=key, revision=revision, permissions=msgspec.Raw(text))


def _set(text: str | None) -> PermissionSet | None:
    return None if text is None else PermissionSet.decode(text)
