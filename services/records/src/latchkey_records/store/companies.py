"""Companies as others ask about them: beyond anybody's reach."""

import msgspec

from latchkey_kit.db import Connection


class Company(msgspec.Struct, frozen=True):
    owner: str | None


async def get(connection: Connection, tenant: str, company: str) -> Company | None:
    row = await connection.fetchrow("SELECT owner_id FROM company WHERE tenant_id = $1 AND id = $2", tenant, company)
    return Company(row["owner_id"]) if row else None
