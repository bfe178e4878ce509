"""What a decision leads to: a connection is born, or nothing; both are told."""

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.authorization import Asked
from latchkey_auth.domain.people import Person, Tenant
from latchkey_contracts.events import Event
from latchkey_contracts.events.auth import ConsentCancelled, ConsentGranted
from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import Resolution
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.requests import Peer, PeerRefused
from latchkey_kit.web.problems import Problem


class Granting:
    def __init__(self, token: Peer, database: Database, outbox: Outbox) -> None:
        self._token = token
        self._database = database
        self._outbox = outbox

    async def granted(self, visit: Visit, wanted: Asked, person: Person, tenant: Tenant, resolution: Resolution) -> str:
        """Let the connection be born; returns its code.

        The event follows the birth. Should it fail to be written, nobody gets the code, and it is swept in a minute.
        """
        question = _birth(visit, wanted, person, tenant, resolution)
        try:
            born = await self._token.ask(question)
        except PeerRefused as refused:
            raise Problem(
                409,
                "app_changed",
                "This app has just changed.",
                "Nothing was authorized. Go back to the app and connect it again.",
                private=refused.problem.code,
            ) from None
        event = ConsentGranted(client=visit.client.id, user=person.user.id, scope=resolution.scope)
        await self._note(event, visit, person, tenant)
        return born.code

    async def cancelled(self, visit: Visit, person: Person, tenant: Tenant) -> None:
        await self._note(ConsentCancelled(client=visit.client.id, user=person.user.id), visit, person, tenant)

    async def _note(self, event: Event, visit: Visit, person: Person, tenant: Tenant) -> None:
        async with self._database.transaction() as connection:
            await self._outbox.add(connection, event, tenant=tenant.id, user=person.user.id, client=visit.client.id)


def _birth(visit: Visit, wanted: Asked, person: Person, tenant: Tenant, resolution: Resolution) -> GrantsCreate:
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
    )
