"""The streams server as the database says: accounts, durables, and nothing of whoever is gone.

Only the leader keeps it, so that nothing is published to a consumer's place while that is made anew.
"""

from collections.abc import Sequence

import structlog

from latchkey_audit.store import streaming
from latchkey_audit.store.streaming import Feed
from latchkey_audit.streams import claims
from latchkey_audit.streams.keys import Keys
from latchkey_audit.streams.server import Accounts
from latchkey_audit.streams.stream import Stream
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection
from latchkey_kit.telemetry import metrics

log = structlog.get_logger()


class Upkeep:
    """All methods raise ``StreamsError`` or one of ``bus.AWAY`` while the server is away; what is left waits."""

    def __init__(self, stream: Stream, accounts: Accounts, keys: Keys, clock: Clock) -> None:
        self._stream = stream
        self._accounts = accounts
        self._keys = keys
        self._clock = clock
        self.consumers = 0
        """How many there were at the last look."""

    async def clear(self, connection: Connection, removed: Sequence[Feed]) -> None:
        """Leave nothing of consumers that were removed; their accounts go first, and whoever is connected is cut."""
        await self._accounts.delete([self._account(one.id) for one in removed])
        for one in removed:
            await self._stream.end(one.tenant_id, one.id)
            await streaming.cleared(connection, one)

    async def look(self, connection: Connection) -> None:
        """Compare everything: what is missing is made, what is too much is removed, what was lost is sent again."""
        stream = await self._stream.ensure()
        if await streaming.see(connection, stream.created, stream.state.last_seq):
            log.warning("audit_stream_lost", made=stream.created, consumers=await streaming.again(connection))
        if back := await streaming.set_back(connection):
            log.warning("audit_log_went_back", consumers=back)
        consumers = await streaming.living(connection)
        self.consumers = len(consumers)
        durables = await self._stream.durables()
        if lost := [one.id for one in consumers if one.ready and one.id not in durables]:
            log.warning("audit_consumers_lost", consumers=await streaming.again(connection, lost))
        await self._compare_accounts([one.id for one in consumers])
        behind = 0
        for one in consumers:
            acked = one.acked
            if one.ready and one.id in durables and acked < one.published:
                acked = await self.see_acknowledged(connection, one)
            behind = max(behind, one.last - acked)
        metrics.stream_behind.set(behind)

    async def make_ready(self, connection: Connection, unready: Sequence[Feed]) -> None:
        """Give consumers that are new, or begin again, an empty place in the stream, and an account."""
        for one in unready:
            await self._stream.begin(one.tenant_id, one.id)
            await self._push(one.id)
            await streaming.ready(connection, one)

    async def see_acknowledged(self, connection: Connection, feed: Feed) -> int:
        """Note, and give, how far a consumer has acknowledged what was published."""
        first = await self._stream.first(feed.tenant_id, feed.id)
        acked = feed.published if first is None else first - 1
        await streaming.acknowledged(connection, feed, acked)
        return acked

    async def recognise(self, connection: Connection, feed: Feed) -> None:
        """Note what the stream took for a consumer though we were ended, or cut, before we could."""
        mark = await self._stream.taken(feed.tenant_id, feed.id)
        if mark is None or mark.run != feed.run or mark.position <= feed.published:
            return
        if await streaming.holds(connection, feed, mark):
            await streaming.advance(connection, [(feed, mark.position)])
        else:
            log.warning("audit_log_went_back", consumer=feed.id, sent=mark.position, ends=feed.last)

    async def _compare_accounts(self, consumers: Sequence[str]) -> None:
        wanted = {self._account(one): one for one in consumers}
        known = await self._accounts.known()
        for account in wanted.keys() - known:
            await self._push(wanted[account])
        ours = {self._keys.system.account.public, self._keys.platform.account.public}
        await self._accounts.delete(sorted(known - wanted.keys() - ours))

    async def _push(self, consumer: str) -> None:
        await self._accounts.push(claims.consumer_account(self._keys, consumer, self._clock.now()))

    def _account(self, consumer: str) -> str:
        return self._keys.consumer(consumer).account.public
