"""Changing a client's settings."""

from collections.abc import Collection

import msgspec
from msgspec import UNSET, UnsetType

from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.changing import Change, Changed, Changing
from latchkey_client_registry.changes.refusals import changed_meanwhile, refuse_reviewed, refuse_settings, refuse_terms
from latchkey_client_registry.changes.secrets import Secrets
from latchkey_client_registry.changes.turning import require_secrets
from latchkey_client_registry.domain.settings_told import told
from latchkey_client_registry.domain.terms import Terms
from latchkey_client_registry.domain.turns import MAKE_PUBLIC
from latchkey_client_registry.store import clients
from latchkey_contracts.changes import differences
from latchkey_contracts.events.client import ClientUpdated
from latchkey_contracts.requests.clients import Client, ClientType, Proof
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_verify.admission import Actor


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """New values; ``UNSET`` keeps what is there. Names are those of the management API."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    type: ClientType | UnsetType = UNSET
    proof: Proof | UnsetType = UNSET
    redirect_uris: tuple[str, ...] | UnsetType = UNSET
    retry_window: int | UnsetType | None = UNSET
    refresh_token_lifetime: int | UnsetType | None = UNSET
    connection_lifetime: int | UnsetType | None = UNSET
    client_credentials: bool | UnsetType = UNSET
    narrowing: bool | UnsetType = UNSET

    def given(self) -> dict[str, object]:
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not UNSET}


class Editing:
    def __init__(self, changing: Changing, ceilings: Ceilings, secrets: Secrets) -> None:
        self._changing = changing
        self._ceilings = ceilings
        self._secrets = secrets

    async def edit(
        self,
        tenant: str,
        client: str,
        changes: Changes,
        ceiling: PlainPermissions | None,
        actor: Actor,
        *,
        expected: Collection[int] | None = None,
    ) -> Changed:
        """Change a tenant's client, unless it stands at another revision than ``expected``; ``None`` is any.

        What is there already is no conflict: the same form came twice (RFC 9110 §13.1.1).

        A confidential client that becomes public loses its secrets, and its connections die. A public one that
        becomes confidential gets a secret, and its connections live on: the app needs the secret to refresh them.

        Raises:
            Problem: 400 naming what cannot be; 403 naming permissions that the actor does not have; 404 when the tenant
                has no such client; 409 for what staff reviewed of a published one; 412 when it was changed meanwhile.

        """
        refuse_settings(
            name=None if changes.name is UNSET else changes.name,
            description=None if changes.description is UNSET else changes.description,
            redirect_uris=() if changes.redirect_uris is UNSET else changes.redirect_uris,
        )

        async def do(change: Change) -> str | None:
            if expected is not None and change.stored.client.revision not in expected:
                if await self._stands_so(change, changes, ceiling):
                    return None
                raise changed_meanwhile(change.stored.client.revision)
            if ceiling is not None:
                _changed(change.stored, changes)  # unless the rest is refused anyhow
                await self._ceilings.put(tenant, client, ceiling, actor)
            return await self._apply(change, changes, with_ceiling=ceiling is not None)

        return await self._changing.change(client, do, tenant=tenant, actor=actor)

    async def _stands_so(self, change: Change, changes: Changes, ceiling: PlainPermissions | None) -> bool:
        if _changed(change.stored, changes) != (change.stored.client, change.stored.terms):
            return False
        if ceiling is None:
            return True
        return (await self._ceilings.get(change.stored.client.tenant, change.client)).permissions == ceiling

    async def _apply(self, change: Change, changes: Changes, *, with_ceiling: bool) -> str | None:
        client, terms = _changed(change.stored, changes)
        becomes = client.client_type if client.client_type != change.stored.client.client_type else None
        names = [name for name in changes.given() if name != "type" or becomes == "confidential"]
        names += ["permissions"] if with_ceiling else []
        secret = None
        if becomes == "public":
            await change.turn(MAKE_PUBLIC)
        elif becomes == "confidential":
            secret = await self._secrets.give(change)
        if becomes is None and not names:
            return None
        revision = await clients.update(change.connection, client, terms)
        if names:
            before = told(change.stored.client, change.stored.terms)
            await change.tell(
                ClientUpdated(
                    client=client.id,
                    changed=tuple(names),
                    revision=revision,
                    changes=differences(before, told(client, terms)),
                )
            )
        return secret


def _changed(known: clients.Stored, changes: Changes) -> tuple[Client, Terms]:
    """Give the client and its terms as they are to be; raises for what cannot be."""
    given = changes.given()
    if "type" in given:
        given["client_type"] = given.pop("type")
    own = {name: value for name, value in given.items() if name in Terms.__struct_fields__}
    if given.get("client_type") == "public":
        own.setdefault("client_credentials", False)
    rest = {name: value for name, value in given.items() if name not in own}
    client = msgspec.structs.replace(known.client, **rest)
    terms = msgspec.structs.replace(known.terms, **own)
    refuse_terms(terms, client)
    refuse_reviewed(known.client, name=client.name, description=client.description, redirect_uris=client.redirect_uris)
    if client.client_type != known.client.client_type == "public":
        require_secrets(msgspec.structs.replace(known, client=client))
    return client, terms
