"""A second secret beside the first, for as long as an app needs to change over. Nothing here kills a connection."""

from latchkey_client_registry.changes.changing import Change, Changed, Changing
from latchkey_client_registry.changes.minting import Minting
from latchkey_client_registry.changes.refusals import no_secret
from latchkey_client_registry.changes.turning import require_secrets
from latchkey_client_registry.store import clients, secrets
from latchkey_contracts.events.client import ClientSecretAdded, ClientSecretRetired
from latchkey_kit.web.problems import Problem, not_found
from latchkey_verify.admission import Actor

MOST = 2


class Secrets:
    def __init__(self, changing: Changing, minting: Minting) -> None:
        self._changing = changing
        self._minting = minting

    async def add(self, tenant: str, client: str, overlap: int | None, actor: Actor) -> Changed:
        """Give a client a second secret. The first one ends after ``overlap`` seconds; ``None``: not by itself.

        Raises:
            Problem: 404 when there is no such client; 409 when it can have no secret, or has two.

        """

        async def do(change: Change) -> str:
            require_secrets(change.stored)
            await _retire_ended(change)
            if len(await secrets.of_client(change.connection, client)) >= MOST:
                raise no_secret(f"It has {MOST} secrets. Retire one of them first.")
            if overlap is not None:
                await secrets.end_all(change.connection, client, overlap)
            return await self.give(change)

        return await self._changing.change(client, do, tenant=tenant, actor=actor)

    async def give(self, change: Change) -> str:
        """Make a secret, with its event, in a change under way."""
        minted = await self._minting.into(change.connection, change.client)
        revision = await clients.touch(change.connection, change.client)
        await change.tell(
            ClientSecretAdded(client=change.client, secret_id=minted.id, ending=minted.ending, revision=revision)
        )
        return minted.secret

    async def retire(self, tenant: str, client: str, secret_id: str, actor: Actor) -> Changed:
        """End a secret now. The one that is left has no end any more: it is the client's only one.

        Raises:
            Problem: 404 when there is no such client or secret; 409 when it is the last.

        """

        async def do(change: Change) -> None:
            await _retire_ended(change)
            known = await secrets.of_client(change.connection, client)
            if all(one.id != secret_id for one in known):
                raise not_found()
            if len(known) == 1:
                detail = "A client needs a secret: add another one first, or regenerate this one."
                raise Problem(409, "last_secret", "This is the last secret.", detail)
            retired = await secrets.drop(change.connection, client, secret_id)
            await secrets.end_all(change.connection, client, None)
            await _tell_retired(change, [retired] if retired else [])

        return await self._changing.change(client, do, tenant=tenant, actor=actor)

    async def retire_ended(self, client: str) -> None:
        """Retire secrets whose end has come; not wrong when others do the same at the same time."""
        await self._changing.change(client, _retire_ended, tenant=None, actor=Actor())


async def _retire_ended(change: Change) -> None:
    await _tell_retired(change, await secrets.drop_ended(change.connection, change.client))


async def _tell_retired(change: Change, retired: list[secrets.StoredSecret]) -> None:
    for one in retired:
        revision = await clients.touch(change.connection, change.client)
        await change.tell(
            ClientSecretRetired(client=change.client, secret_id=one.id, ending=one.ending, revision=revision)
        )
