"""A client as the management API shows it."""

import datetime as dt

import msgspec

from latchkey_client_registry.store.clients import Stored
from latchkey_client_registry.store.secrets import StoredSecret
from latchkey_contracts.requests.clients import ClientType, Preset, Proof


class SecretView(msgspec.Struct, frozen=True, kw_only=True):
    """``ending``: the last four characters."""

    ending: str
    created_at: dt.datetime


class ClientView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``client_secret`` stands only in the answer to its creation; ``permissions`` and ``secrets`` not in lists."""

    id: str
    client_id: str
    name: str
    description: str
    type: ClientType
    proof: Proof
    preset: Preset
    redirect_uris: tuple[str, ...]
    created_at: dt.datetime
    updated_at: dt.datetime
    revision: int
    permissions: dict[str, tuple[str, ...]] | None = None
    secrets: tuple[SecretView, ...] | None = None
    client_secret: str | None = None


def view(
    stored: Stored,
    *,
    permissions: dict[str, tuple[str, ...]] | None = None,
    secrets: list[StoredSecret] | None = None,
    client_secret: str | None = None,
) -> ClientView:
    client = stored.client
    shown = tuple(SecretView(ending=one.ending, created_at=one.created_at) for one in secrets or ())
    return ClientView(
        id=client.id,
        client_id=client.id,
        name=client.name,
        description=client.description,
        type=client.client_type,
        proof=client.proof,
        preset=client.preset,
        redirect_uris=client.redirect_uris,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        revision=client.revision,
        permissions=permissions,
        secrets=shown if secrets is not None else None,
        client_secret=client_secret,
    )
