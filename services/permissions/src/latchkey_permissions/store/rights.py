"""Everything that decides what one connection may do, each time in one statement, so from one snapshot.

A client that acts for itself is its own user (RFC 6749 §4.4), in the tenant that made it: no role reduces what it may
do, and it sees every company.
"""

import msgspec

from latchkey_contracts.requests.permissions import Part, Rights
from latchkey_kit.db import Connection
from latchkey_policy.effective import GrantDocument
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio

_NOTHING = b"{}"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What client and user may do now; ``None`` where there is no ceiling or no role."""

    catalogue_revision: int
    ceiling: PermissionSet | None
    role: PermissionSet | None
    portfolio: Portfolio


async def standing(connection: Connection, tenant: str, user: str, client: str) -> Standing:
    row = await connection.fetchrow(
        """
        SELECT catalogue.revision, ceiling.permissions AS ceiling, ceiling.tenant_id AS made_by,
               role.permissions AS role, role.portfolio
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
        return Standing(catalogue_revision=row["revision"], ceiling=own, role=own, portfolio=Portfolio.ALL)
    return Standing(
        catalogue_revision=row["revision"],
        ceiling=ceiling,
        role=_set(row["role"]),
        portfolio=Portfolio(row["portfolio"] or Portfolio.OWN),
    )


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


async def rights(connection: Connection, tenant: str, user: str, client: str, document: str) -> Rights | None:
    """``None`` when the tenant has no such document."""
    row = await connection.fetchrow(
        """
        SELECT grant_document.body,
               ceiling.permissions AS ceiling, coalesce(ceiling.revision, 0) AS ceiling_revision,
               ceiling.tenant_id AS made_by, coalesce(assignment.revision, 0) AS assignment_revision,
               role.id AS role_id, role.permissions AS role, role.revision AS role_revision, role.portfolio
        FROM grant_document
        LEFT JOIN ceiling ON ceiling.client_id = $3
        LEFT JOIN assignment ON assignment.tenant_id = grant_document.tenant_id AND assignment.user_id = $2
        LEFT JOIN role ON role.tenant_id = assignment.tenant_id AND role.id = assignment.role_id
        WHERE grant_document.tenant_id = $1 AND grant_document.digest = $4
        """,
        tenant,
        user,
        client,
        bytes.fromhex(document),
    )
    if row is None:
        return None
    ceiling = _part(client, row["ceiling_revision"], row["ceiling"])
    if user == client:
        role, portfolio = ceiling if row["made_by"] == tenant else None, Portfolio.ALL.value
    else:
        role = row["role_id"] and _part(row["role_id"], row["role_revision"], row["role"])
        portfolio = row["portfolio"] or Portfolio.OWN.value
    return Rights(
        document=msgspec.Raw(row["body"]),
        ceiling=ceiling,
        role=role,
        assignment=row["assignment_revision"],
        portfolio=portfolio,
    )


def _part(key: str, revision: int, permissions: str | None) -> Part:
    text = _NOTHING if permissions is None else permissions.encode()
    return Part(key=key, revision=revision, permissions=msgspec.Raw(text))


def _set(text: str | None) -> PermissionSet | None:
    return None if text is None else PermissionSet.decode(text)
