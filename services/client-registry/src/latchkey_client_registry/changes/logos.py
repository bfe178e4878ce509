"""A client's picture."""

import hashlib

from latchkey_client_registry.changes.changing import Change, Changed, Changing
from latchkey_client_registry.changes.refusals import refuse_reviewed
from latchkey_client_registry.store import clients, logos
from latchkey_contracts.changes import differences
from latchkey_contracts.events.client import ClientUpdated
from latchkey_verify.admission import Actor


class LogoChanges:
    """The same picture again is no change, and not told."""

    def __init__(self, changing: Changing) -> None:
        self._changing = changing

    async def put(self, tenant: str, client: str, png: bytes, actor: Actor) -> Changed:
        """Raise 404 when there is no such client, 409 when it is published with another picture."""
        return await self._set(tenant, client, png, actor)

    async def drop(self, tenant: str, client: str, actor: Actor) -> Changed:
        """Raise as `put`."""
        return await self._set(tenant, client, None, actor)

    async def _set(self, tenant: str, client: str, png: bytes | None, actor: Actor) -> Changed:
        digest = hashlib.sha256(png).hexdigest() if png else None

        async def do(change: Change) -> None:
            before, after = change.stored.client.logo, clients.logo_path(client, digest)
            if before == after:
                return
            refuse_reviewed(change.stored.client, logo=after)
            if png is not None and digest is not None:
                await logos.put(change.connection, client, digest, png)
            else:
                await logos.drop(change.connection, client)
            revision = await clients.touch(change.connection, client)
            changed = differences({"logo": before}, {"logo": after})
            await change.tell(ClientUpdated(client=client, changed=("logo",), revision=revision, changes=changed))

        return await self._changing.change(client, do, tenant=tenant, actor=actor)
