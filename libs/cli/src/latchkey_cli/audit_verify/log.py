"""Reading the log: a tenant, or some small ones, in one snapshot, and some entries at a time."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from latchkey_cli.audit_verify import anchors, naming
from latchkey_cli.audit_verify.anchors import File
from latchkey_cli.audit_verify.found import MOST, Finding, Verdict
from latchkey_cli.audit_verify.lacking import Lacking
from latchkey_cli.audit_verify.progress import Progress
from latchkey_cli.audit_verify.walking import Broken, Stretch, Walk
from latchkey_cli.check.databases import batches
from latchkey_contracts.seals import Forgotten
from latchkey_kit.db import Connection
from latchkey_kit.seals import BadSealError, Seals, said

_NEIGHBOURS: Final = 200
_TOGETHER: Final = 20_000
_TENANTS_TOGETHER: Final = 200
_ENTRIES: Final = """
    SELECT position, kept, recorded, tenant_id, id, at, action, result, entity_id, user_id, client_id, connection_id,
        address, source, epoch, number, tsvector_to_array(words) AS words, hash, body
    FROM event WHERE tenant_id BETWEEN $1 AND $2 ORDER BY tenant_id, position, hash
"""
_BEHIND: Final = """
    SELECT position, recorded, kept, id, hash, body FROM event WHERE tenant_id = $1 AND position >= $2
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
    SELECT tenant_id, coalesce(position, 0) AS position FROM (
        SELECT tenant_id FROM logged UNION SELECT tenant_id FROM chain
        UNION SELECT tenant_id FROM forgotten UNION SELECT tenant_id FROM checkpoint
    ) AS known LEFT JOIN chain USING (tenant_id)
"""
_IS_KNOWN: Final = """
    SELECT EXISTS (SELECT FROM event WHERE tenant_id = $1) OR EXISTS (SELECT FROM chain WHERE tenant_id = $1)
        OR EXISTS (SELECT FROM forgotten WHERE tenant_id = $1) OR EXISTS (SELECT FROM checkpoint WHERE tenant_id = $1)
"""


async def groups(connection: Connection, file: File | None) -> list[list[str]]:
    """Everybody of whom there is a trace, in order: who has many entries alone, others together."""
    known = {row["tenant_id"]: row["position"] for row in await connection.fetch(_TENANTS)}
    made: list[list[str]] = [[]]
    entries = 0
    for tenant in sorted(known.keys() | set(file.signed if file else ())):
        entries += known.get(tenant, 0)
        if made[-1] and (entries > _TOGETHER or len(made[-1]) == _TENANTS_TOGETHER):
            made.append([])
            entries = known.get(tenant, 0)
        made[-1].append(tenant)
    return [group for group in made if group]


async def is_known(connection: Connection, tenant: str) -> bool:
    """Whether there is any trace of a tenant in the database."""
    return bool(await connection.fetchval(_IS_KNOWN, tenant))


class _State:
    """A walk under way, and what is wrong so far."""

    def __init__(self, walk: Walk, wrong: list[Finding]) -> None:
        self.walk = walk
        self.wrong = wrong
        self.over = False

    def see(self, wrong: Finding | None) -> None:
        if wrong:
            self.wrong.append(wrong)
            self.over = True


class Log:
    """``seals`` are the signatures to believe; without any, what is signed is compared only."""

    def __init__(self, connection: Connection, seals: Seals, file: File | None, verdict: Verdict) -> None:
        self._connection = connection
        self._seals = seals
        self._file = file
        self._verdict = verdict
        self.lacking = Lacking()

    async def verify(self, group: Sequence[str], progress: Progress) -> None:
        """Note what is wrong with the log of each tenant of a group, up to where it does not hold together."""
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            states = await self._states(group)
            await self._walk(states, progress)
        for state in states.values():
            if not state.over:
                state.see(state.walk.end())
            if not self._told(state):
                younger = state.walk.position - state.walk.sealed_through
                self._verdict.numbers["entries younger than their last checkpoint"] += younger
            self._verdict.numbers["stretches let go"] += state.walk.stretches_used
            progress.tenant()

    def _told(self, state: _State) -> bool:
        """Note what is wrong, the first of each kind; tells whether there is anything."""
        told: dict[str, dict[int, Finding]] = defaultdict(dict)
        for one in sorted([*state.wrong, *state.walk.noted], key=lambda one: one.position):
            told[one.kind].setdefault(one.position, one)
        firsts = [one for of_kind in told.values() for one in itertools.islice(of_kind.values(), MOST)]
        self._verdict.findings += sorted(firsts, key=lambda one: one.position)
        more = sum(map(len, told.values())) - len(firsts) + state.walk.unnoted
        if more:
            self._verdict.numbers["findings that are not shown"] += more
        return bool(firsts)

    async def _states(self, group: Sequence[str]) -> dict[str, _State]:
        ends = {row["tenant_id"]: row for row in await self._of("chain", group)}
        checkpoints, gone = await self._by_tenant("checkpoint", group), await self._by_tenant("forgotten", group)
        states = {}
        for tenant in group:
            known, wrong = anchors.of_rows(tenant, checkpoints[tenant], self._seals)
            positions = {one.position for one in known}
            good = [row for row in checkpoints[tenant] if row["position"] in positions]
            self._verdict.numbers["checkpoints"] += len(checkpoints[tenant])
            if self._file:
                filed, forged = self._file.anchors(tenant, self._seals, frozenset(row["signed"] for row in good))
                self._verdict.numbers["checkpoints of the file"] += len(filed) + len(forged)
                self.lacking.see(tenant, known, filed)
                known, wrong = known + filed, wrong + forged
            stretches, forged = self._stretches(tenant, gone[tenant])
            walk = Walk(tenant, sorted(known), stretches, ends.get(tenant))
            states[tenant] = _State(walk, wrong + forged)
        return states

    async def _walk(self, states: dict[str, _State], progress: Progress) -> None:
        going = len(states)
        async for rows in batches(self._connection, _ENTRIES, min(states), max(states)):
            progress.tell(self._verdict.numbers["entries"])
            for row in rows:
                state = states.get(row["tenant_id"])
                if state is None or state.over:
                    continue
                wrong = state.walk.see(row)
                if isinstance(wrong, Broken):
                    behind = await self._connection.fetch(_BEHIND, row["tenant_id"], wrong.position, _NEIGHBOURS)
                    wrong = naming.name(row["tenant_id"], wrong.before, behind)
                state.see(wrong)
                going -= state.over
            self._verdict.numbers["entries"] += len(rows)
            if not going:
                return

    async def _by_tenant(self, table: str, group: Sequence[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {tenant: [] for tenant in group}
        for row in await self._of(table, group):
            found[row["tenant_id"]].append(row)
        return found

    async def _of(self, table: str, group: Sequence[str]) -> list[Any]:
        return await self._connection.fetch(
            f"SELECT * FROM {table} WHERE tenant_id = ANY($1::uuid[])",  # noqa: S608 - our own names
            list(group),
        )

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
    if not 0 < stretch.first <= stretch.last:
        raise BadSealError("it ends before it begins")
    claims = seals.read(signed, Forgotten) if seals else said(signed, Forgotten)
    meant = (tenant, stretch.first, stretch.last, stretch.before.hex(), stretch.hash.hex())
    if (claims.tenant, claims.first, claims.last, claims.before, claims.digest) != meant:
        raise BadSealError("it is signed for something else")
