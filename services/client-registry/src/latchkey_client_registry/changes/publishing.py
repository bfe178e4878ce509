"""A maker asks for its client to be published, or takes that back; staff decide."""

from collections.abc import Collection

from latchkey_client_registry.changes.changing import Change, Changed, Changing
from latchkey_client_registry.changes.refusals import changed_meanwhile, refuse_text
from latchkey_client_registry.domain.publishing import REQUEST, Decision, Move, Publishing, decided, withdrawal
from latchkey_client_registry.store import publishing
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_verify.admission import Actor


class PublishChanges:
    """What stands so already is no change, and not told."""

    def __init__(self, changing: Changing) -> None:
        self._changing = changing

    async def request(self, tenant: str, client: str, note: str, actor: Actor) -> Changed:
        """Ask staff.

        Raises:
            Problem: 400 for a note that cannot be; 404 when there is no such client; 409 for one that is published or
                barred.

        """
        refuse_text(note, "/note")

        async def do(change: Change) -> None:
            stored = change.stored
            if stored.client.published:
                raise Problem(409, "published", "This app is published already.")
            if stored.bars.barred:
                raise Problem(409, "client_barred", "This app is switched off.", "Enable it before it is published.")
            if stored.publishing.state != REQUEST.to:
                await _go(change, REQUEST, Publishing(state=REQUEST.to, by=actor.user, note=note))

        return await self._changing.change(client, do, tenant=tenant, actor=actor)

    async def withdraw(self, tenant: str, client: str, actor: Actor) -> Changed:
        """Take the request back, or the client from other tenants; 404 when there is no such client.

        Connections that other tenants have live on until somebody cuts them, and each can still block the client.
        """

        async def do(change: Change) -> None:
            move = withdrawal(change.stored.publishing.state)
            if move is not None:
                await _go(change, move, Publishing(state=move.to))

        return await self._changing.change(client, do, tenant=tenant, actor=actor)

    async def decide(
        self, client: str, decision: Decision, reason: str, actor: Actor, *, expected: Collection[int] | None = None
    ) -> Changed:
        """Publish it or say no; a published one is published no more after a no.

        Raises:
            Problem: 400 for a no without a reason; 404 when there is no such client; 409 when nobody asks for it; 412
                when it is not at an ``expected`` revision, so that nothing is approved that nobody has seen.

        """
        refuse_text(reason, "/reason")
        if decision == "reject" and not reason.strip():
            message = "Say why: its maker will read this."
            raise bad_request(message, FieldError(pointer="/reason", message=message))

        async def do(change: Change) -> None:
            stands = change.stored.publishing
            try:
                move = decided(stands.state, decision)
            except LookupError:
                detail = "It was withdrawn, or decided before."
                raise Problem(409, "not_requested", "Nobody asks for this app to be published.", detail) from None
            if move is None:
                return
            if expected is not None and change.stored.client.revision not in expected:
                raise changed_meanwhile(change.stored.client.revision)
            await _go(change, move, Publishing(state=move.to, by=stands.by, note=stands.note, reason=reason))

        return await self._changing.change(client, do, tenant=None, actor=actor)


async def _go(change: Change, move: Move, now: Publishing) -> None:
    revision = await publishing.put(change.connection, change.client, now)
    message = now.note if now.state == "pending" else now.reason
    await change.tell(move.event(client=change.client, revision=revision, message=message))
