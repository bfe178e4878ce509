"""Making a client: its ceiling, its row, its secret, its event, and what the token service must know."""

import msgspec

from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.changing import Changed
from latchkey_client_registry.changes.minting import Minting
from latchkey_client_registry.changes.refusals import refuse_settings, refuse_terms
from latchkey_client_registry.domain.presets import with_preset
from latchkey_client_registry.domain.settings_told import told
from latchkey_client_registry.store import clients, gates, secrets
from latchkey_contracts.changes import differences
from latchkey_contracts.events.client import ClientCreated
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.telling import Telling, Told
from latchkey_verify.admission import Actor

_OF_THEIR_OWN = frozenset({"name", "type", "redirect_uris"})
"""Settings that are fields of the event."""


class Registration:
    def __init__(
        self, database: Database, outbox: Outbox, ceilings: Ceilings, minting: Minting, telling: Telling
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._ceilings = ceilings
        self._minting = minting
        self._telling = telling

    async def create(
        self, draft: clients.Draft, ceiling: PlainPermissions, actor: Actor, *, secret: str | None = None
    ) -> Changed | None:
        """Make a client; ``None`` when there is one of its id: the same form came twice at the same time.

        The redirect URLs of its preset are added to its own. ``secret`` is one that the operator has chosen; without
        it a confidential client gets one.

        The ceiling is set first: a client must not exist without one, and a ceiling without a client harms nobody.

        Raises:
            Problem: 400 naming a redirect URL, model, action, field or term that cannot be; 403 naming what the actor
                may not do either.

        """
        refuse_settings(name=draft.name, description=draft.description, redirect_uris=draft.redirect_uris)
        draft = msgspec.structs.replace(draft, redirect_uris=with_preset(draft.preset, draft.redirect_uris))
        refuse_terms(draft.terms, draft)
        await self._ceilings.put(draft.tenant, draft.id, ceiling, actor)
        minted = None
        async with self._database.transaction() as connection:
            if not await clients.insert(connection, draft, actor.user):
                return None
            if draft.client_type == "confidential" or secret is not None:
                minted = await self._minting.into(connection, draft.id, secret)
            stored = await clients.reread(connection, draft.id)
            known = await secrets.of_client(connection, draft.id)
            gate = await gates.read(connection, draft.id)
            await self._tell_created(connection, stored, actor)
            actor.confirm()
        await self._telling.tell(TokenApply(gate=gate))  # if that fails, it asks us when the client first comes
        return Changed(stored=stored, secrets=known, told=Told(), secret=minted.secret if minted else None)

    async def _tell_created(self, connection: Connection, stored: clients.Stored, actor: Actor) -> None:
        client = stored.client
        began = {**told(client, stored.terms), "published": client.published}
        event = ClientCreated(
            client=client.id,
            name=client.name,
            client_type=client.client_type,
            redirect_uris=client.redirect_uris,
            revision=client.revision,
            changes=differences(None, {name: value for name, value in began.items() if name not in _OF_THEIR_OWN}),
        )
        await self._outbox.add(connection, event, tenant=client.tenant, user=actor.user, client=actor.client)
