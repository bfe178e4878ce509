"""Reading the log: one tenant after the other, each in one snapshot and some entries at a time."""

from collections.abc import Iterable
from typing import Any, Final

from latchkey_cli.audit_verify import anchors, naming
from latchkey_cli.audit_verify.anchors import File
from latchkey_cli.audit_verify.found import Finding, Verdict
from latchkey_cli.audit_verify.progress import Progress
from latchkey_cli.audit_verify.walking import Broken, Stretch, Walk
from latchkey_cli.check.databases import batches
from latchkey_contracts.seals import Forgotten
from latchkey_kit.db import Connection
from latchkey_kit.seals import BadSealError, Seals, said

_NEIGHBOURS: Final = 200
_ENTRIES: Final = """
    SELECT position, kept, recorded, tenant_id, id, at, action, result, entity_id, user_id, client_id, connection_id,
        address, source, epoch, number, tsvector_to_array(words) AS words, hash, body
    FROM event WHERE tenant_id = $1 ORDER BY position, hash
"""
_BEHIND: Final = """
    SELECT position, recorded, id, hash, body FROM event WHERE tenant_id = $1 AND position >= $2
    ORDER BY position, hash LIMIT $3
"""
_TENANTS: Final = """
    WITH RECURSIVE logged AS (
        (SELECT tenant_id FROM event ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT next.tenant_id FROM logged CROSS JOIN LATERAL (
            SELECT tenant_id FROM event WHERE event.tenant_id > logged.tenant_id ORDER BY tenant_id LIMIT 1
        ) AS next
    )
    SELECT tenant_id FROM logged UNION SELECT tenant_id FROM chain
    UNION SELECT tenant_id FROM forgotten UNION SELECT tenant_id FROM checkpoint
"""
_MIGRATED: Final = "SELECT applied_at FROM schema_migration WHERE component = 'latchkey_audit' AND number = 4"


async def tenants(connection: Connection, file: File | None) -> list[str]:
    """Everybody of whom there is a trace."""
    known = {row["tenant_id"] for row in await connection.fetch(_TENANTS)}
    return sorted(known | set(file.signed if file else ()))


class Log:
    """``seals`` are the signatures to believe; without any, what is signed is compared only."""

    def __init__(self, connection: Connection, seals: Seals, file: File | None, verdict: Verdict) -> None:
        self._connection = connection
        self._seals = seals
        self._file = file
        self._verdict = verdict

    async def verify(self, tenant: str, progress: Progress) -> None:
        """Note the first thing that is wrong with a tenant's log."""
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            walk, wrong = await self._walk_of(tenant)
            wrong += [one for one in [await self._walk(tenant, walk, progress)] if one]
        if wrong:
            self._verdict.findings.append(min(wrong, key=lambda one: one.position))
        elif walk.position:
            self._verdict.numbers["entries younger than their last checkpoint"] += walk.position - walk.sealed_through
        self._verdict.numbers["stretches let go"] += walk.stretches_used

    async def _walk_of(self, tenant: str) -> tuple[Walk, list[Finding]]:
        fetch = self._connection.fetch
        end = await self._connection.fetchrow("SELECT position, hash, kept FROM chain WHERE tenant_id = $1", tenant)
        rows = await fetch("SELECT position, hash, signed FROM checkpoint WHERE tenant_id = $1", tenant)
        known, wrong = anchors.of_rows(tenant, rows, self._seals)
        self._verdict.numbers["checkpoints"] += len(rows)
        if self._file:
            filed, forged = self._file.anchors(tenant, self._seals)
            self._verdict.numbers["checkpoints of the file"] += len(filed) + len(forged)
            known, wrong = known + filed, wrong + forged
        gone = await fetch("SELECT first, last, before, hash, signed FROM forgotten WHERE tenant_id = $1", tenant)
        stretches, forged = self._stretches(tenant, gone)
        migrated = await self._connection.fetchval(_MIGRATED)
        return Walk(tenant, sorted(known), stretches, end, migrated), wrong + forged

    async def _walk(self, tenant: str, walk: Walk, progress: Progress) -> Finding | None:
        async for rows in batches(self._connection, _ENTRIES, tenant):
            progress.tell(self._verdict.numbers["entries"])
            for row in rows:
                wrong = walk.see(row)
                if isinstance(wrong, Broken):
                    behind = await self._connection.fetch(_BEHIND, tenant, wrong.position, _NEIGHBOURS)
                    return naming.name(tenant, wrong.before, behind)
                if wrong:
                    return wrong
            self._verdict.numbers["entries"] += len(rows)
        return walk.end()

    def _stretches(self, tenant: str, rows: Iterable[Any]) -> tuple[dict[int, Stretch], list[Finding]]:
        good, bad = {}, []
        for row in rows:
            stretch = Stretch(row["first"], row["last"], row["before"], row["hash"])
            try:
                _believe(tenant, stretch, row["signed"], self._seals)
                good[stretch.first] = stretch
            except BadSealError as error:
                words = f"that entries were let go from here to {stretch.last} is not to be believed: {error}"
                bad.append(Finding(tenant=tenant, kind="forged", position=stretch.first, words=words))
        return good, bad


def _believe(tenant: str, stretch: Stretch, signed: str, seals: Seals) -> None:
    claims = seals.read(signed, Forgotten) if seals else said(signed, Forgotten)
    meant = (tenant, stretch.first, stretch.last, stretch.before.hex(), stretch.hash.hex())
    if (claims.tenant, claims.first, claims.last, claims.before, claims.digest) != meant:
        raise BadSealError("it is signed for something else")
