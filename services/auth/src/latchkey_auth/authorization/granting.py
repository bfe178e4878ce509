"""What a decision leads to: a connection is born, or nothing; both are told."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.authorization import Asked
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.store import standings
from latchkey_contracts.events import Event
from latchkey_contracts.events.auth import ConsentCancelled, ConsentGranted
from latchkey_contracts.ids import Digest
from latchkey_contracts.requests.grants import ALREADY_AUTHORIZED, GrantsCreate
from latchkey_contracts.requests.permissions import Resolution
from latchkey_contracts.requests.standing import Seen
from latchkey_kit.db import Database
from latchkey_kit.marking import N_
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.requests import Peer, PeerRefused
from latchkey_kit.web.problems import Problem


class Moved(Exception):  # noqa: N818 - it is news, not a mistake
    """Something that the connection hangs on has turned since we looked: look again."""

    def __init__(self, private: str) -> None:
        super().__init__(private)
        self.private = private


class Already(Exception):  # noqa: N818 - it is news, not a mistake
    """The same form led to a connection before, and its code was exchanged, or died."""


def app_changed(private: str) -> Problem:
    """For an app that cannot be connected as it was asked for a moment ago."""
    return Problem(
        409,
        "app_changed",
        N_("This app has just changed."),
        N_("Nothing was authorized. Go back to the app and connect it again."),
        private=private,
    )


class Granting:
    def __init__(self, token: Peer, database: Database, outbox: Outbox) -> None:
        self._token = token
        self._database = database
        self._outbox = outbox

    async def granted(
        self,
        visit: Visit,
        wanted: Asked,
        person: Person,
        tenant: Tenant,
        resolution: Resolution,
        *,
        attempt: Digest | None,
    ) -> str:
        """Let the connection be born; returns its code.

        What it hangs on is read here once more, with its turns: the token service refuses a birth that saw older ones.
        The event follows the birth. Should it fail to be written, nobody gets the code, and it is swept in a minute.
        ``attempt`` is the form that was answered, ``None`` when nobody was asked, for as much stands already. However
        often one is answered, and whatever failed before, there is one connection, one code and one event.

        Raises:
            Moved: something has turned, or this user may not act for this tenant any more.
            Already: the same attempt has led to a connection, and its code is good no more.

        """
        async with self._database.connection() as connection:
            seen = await standings.seen(connection, tenant.id, person.user.id)
        if seen is None:
            raise Moved("not a member who may act here")
        question = _birth(visit, wanted, person, tenant, resolution, (*seen, _seen_of_client(visit, tenant)))
        try:
            born = await self._token.ask(msgspec.structs.replace(question, attempt=attempt))
        except PeerRefused as refused:
            if refused.problem.code == ALREADY_AUTHORIZED:
                raise Already from None
            if refused.problem.status == HTTPStatus.CONFLICT:
                raise Moved(refused.problem.code) from None
            raise app_changed(refused.problem.code) from None
        event = ConsentGranted(
            client=visit.client.id,
            user=person.user.id,
            scope=resolution.scope,
            connection=born.connection,
            again=attempt is None,
        )
        await self._note(event, visit, person, tenant, once=born.connection)
        return born.code

    async def cancelled(self, visit: Visit, person: Person, tenant: Tenant) -> None:
        await self._note(ConsentCancelled(client=visit.client.id, user=person.user.id), visit, person, tenant)

    async def _note(
        self, event: Event, visit: Visit, person: Person, tenant: Tenant, *, once: str | None = None
    ) -> None:
        async with self._database.transaction() as connection:
            await self._outbox.add(
                connection, event, tenant=tenant.id, user=person.user.id, client=visit.client.id, once=once
            )


def _seen_of_client(visit: Visit, tenant: Tenant) -> Seen:
    return Seen(kind="tenant_client", key=tenant.id + visit.client.id, turn=visit.turns_in.get(tenant.id, 0))


def _birth(
    visit: Visit, wanted: Asked, person: Person, tenant: Tenant, resolution: Resolution, seen: Sequence[Seen]
) -> GrantsCreate:
    if resolution.document is None:
        raise ValueError("a resolution without refusal has a document")
    return GrantsCreate(
        tenant=tenant.id,
        user=person.user.id,
        client=visit.client.id,
        document=resolution.document,
        scope=resolution.scope,
        resources=wanted.audiences,
        redirect_uri=visit.redirect_uri,
        redirect_uri_sent=visit.redirect_uri_sent,
        challenge=wanted.challenge,
        client_revision=visit.client.revision,
        client_turn=visit.client.turn,
        turns=tuple(one for one in seen if one.turn > 0),
    )
