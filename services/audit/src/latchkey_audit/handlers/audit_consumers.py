"""`/v1/audit-consumers`: a tenant's admins let programs of theirs read the log as it grows, over NATS."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from latchkey_audit.domain import streaming
from latchkey_audit.store import consumers as store
from latchkey_audit.store.consumers import Consumer
from latchkey_audit.streams import claims
from latchkey_audit.streams.stream import STREAM, Progress
from latchkey_audit.streams.streaming import Streaming
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment, in_utc
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management, Manager

_PLAIN = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"  # no control characters, and none that turn text round
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=rf"^{_PLAIN}*(?!\s){_PLAIN}+\Z")]


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name
    since: Moment | None = None

    def __post_init__(self) -> None:
        if self.since is not None:
            in_utc(self.since)


class _Replay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    since: Moment

    def __post_init__(self) -> None:
        in_utc(self.since)


class AuditConsumers:
    def __init__(
        self, database: Database, management: Management, streaming: Streaming, clock: Clock, entropy: Entropy
    ) -> None:
        self._database = database
        self._management = management
        self._admission = Admission(management, "auditconsumer")
        self._consumers = streaming.consumers
        self._stream = streaming.stream
        self._keys = streaming.keys
        self._url = streaming.url
        self._clock = clock
        self._entropy = entropy

    async def create(self, request: web.Request) -> web.Response:
        """201 with the credentials, which are shown this once."""
        bearer = await self._admission.bearer(request, "create")
        wanted = await json_body(request, _New)
        if wanted.since is not None:
            await self._may_have_the_past(bearer)
        consumer = new_id(self._clock, self._entropy)
        made = await self._consumers.create(
            consumer, bearer.tenant, wanted.name, wanted.since, self._admission.actor(bearer)
        )
        given = {"credentials": claims.credentials(self._keys, consumer, self._clock.now())}
        return answer(self._view(made) | given, 201, headers={"Location": f"/v1/audit-consumers/{consumer}"})

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await store.page(connection, bearer.tenant, after, asked.to_fetch)
        return listed(found, asked, show=self._view, place=lambda consumer: consumer.id)

    async def get(self, request: web.Request) -> web.Response:
        """With ``progress`` as the streams server knows it now; ``null`` while that is away."""
        bearer = await self._admission.bearer(request, "view")
        found = await self._consumers.get(bearer.tenant, path_id(request, "consumer_id"))
        try:
            progress = None if found.pending else await self._stream.progress(found.tenant_id, found.id)
        except AWAY:
            progress = None
        return answer(self._view(found) | {"progress": progress and _progress(found, progress)})

    async def replay(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        await self._may_have_the_past(bearer)
        consumer, wanted = path_id(request, "consumer_id"), await json_body(request, _Replay)
        now = await self._consumers.replay(bearer.tenant, consumer, wanted.since, self._admission.actor(bearer))
        return answer(self._view(now), 202 if now.pending else 200)

    async def remove(self, request: web.Request) -> web.Response:
        """204 once the credentials are void and whoever was connected is cut; 202 if that is still to come."""
        bearer = await self._admission.bearer(request, "remove")
        consumer = path_id(request, "consumer_id")
        if await self._consumers.remove(bearer.tenant, consumer, self._admission.actor(bearer)):
            return web.Response(status=204)
        return answer({"id": consumer, "pending": True}, 202)

    async def _may_have_the_past(self, bearer: Manager) -> None:
        """What was recorded before comes out whole, as in an export."""
        await self._management.require(bearer, "auditlog", "export")

    def _view(self, consumer: Consumer) -> dict[str, Any]:
        return {
            "id": consumer.id,
            "name": consumer.name,
            "created_at": consumer.created_at,
            "created_by": consumer.created_by,
            "since": consumer.since,
            "url": self._url,
            "stream": STREAM,
            "durable": consumer.id,
            "subjects": streaming.place(consumer.tenant_id, consumer.id),
            "inbox_prefix": "_INBOX",
            "pending": consumer.pending,
        }


def _progress(consumer: Consumer, progress: Progress) -> dict[str, Any]:
    """Positions in the chain. ``waiting``: how many entries it has still to acknowledge."""
    acked = consumer.published if progress.acked is None else progress.acked
    return {
        "acknowledged": acked,
        "published": consumer.published,
        "waiting": max(consumer.last - acked, 0),
        "unacknowledged": progress.unacknowledged,
        "delivered_at": progress.delivered_at,
        "acknowledged_at": progress.acked_at,
    }
