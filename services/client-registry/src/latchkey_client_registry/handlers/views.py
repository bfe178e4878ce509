"""A client as the management API shows it."""

import datetime as dt
from typing import Literal

import msgspec
from aiohttp import web

from latchkey_client_registry.changes.changing import Changed
from latchkey_client_registry.domain.presets import PRESETS
from latchkey_client_registry.domain.publishing import State
from latchkey_client_registry.domain.turns import Bars
from latchkey_client_registry.handlers import preconditions
from latchkey_client_registry.store.clients import Stored
from latchkey_client_registry.store.secrets import StoredSecret
from latchkey_contracts.requests.clients import ClientType, Preset, Proof
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.web.bodies import answer

Status = Literal["active", "disabled", "compromised", "deleted"]


class SecretView(msgspec.Struct, frozen=True, kw_only=True):
    """``ending``: the last four characters. ``ends_at``: ``null`` for one that does not end by itself."""

    id: str
    ending: str
    created_at: dt.datetime
    ends_at: dt.datetime | None


class PublishingView(msgspec.Struct, frozen=True, kw_only=True):
    """``reason``: what staff wrote. ``at``: since when; ``null`` for one that was never asked for."""

    state: State
    reason: str
    at: dt.datetime | None


class ClientView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A client.

    ``client_secret`` stands only in the answer to what made it; ``permissions`` and ``secrets`` not in lists, and
    ``permissions`` only where nothing but settings changed. ``effective_at`` is when a change is in force everywhere
    at the latest, ``pending`` says that the token service has yet to hear of it. ``logo`` is a path on the origin of
    the pages. ``updated_by``: the user who changed it last; ``null`` when it was nobody's doing.
    """

    id: str
    client_id: str
    name: str
    description: str
    type: ClientType
    status: Status
    proof: Proof
    preset: Preset
    redirect_uris: tuple[str, ...]
    retry_window: int
    refresh_token_lifetime: int | None
    connection_lifetime: int | None
    client_credentials: bool
    dynamic: bool
    narrowing: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    updated_by: str | None
    revision: int
    logo: str | None
    published: bool
    publishing: PublishingView
    permissions: PlainPermissions | None = None
    secrets: tuple[SecretView, ...] | None = None
    client_secret: str | None = None
    blocked: bool = False
    effective_at: dt.datetime | None = None
    pending: bool = False


def view(
    stored: Stored,
    *,
    permissions: PlainPermissions | None = None,
    secrets: list[StoredSecret] | None = None,
    blocked: bool = False,
) -> ClientView:
    client = stored.client
    window = stored.terms.retry_window
    shown = tuple(
        SecretView(id=one.id, ending=one.ending, created_at=one.created_at, ends_at=one.ends_at)
        for one in secrets or ()
    )
    return ClientView(
        id=client.id,
        client_id=client.id,
        name=client.name,
        description=client.description,
        type=client.client_type,
        status=_status(stored.bars),
        proof=client.proof,
        preset=client.preset,
        redirect_uris=client.redirect_uris,
        retry_window=PRESETS[client.preset].retry_window if window is None else window,
        refresh_token_lifetime=stored.terms.refresh_token_lifetime,
        connection_lifetime=stored.terms.connection_lifetime,
        client_credentials=stored.terms.client_credentials,
        dynamic=client.dynamic,
        narrowing=client.narrowing,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        updated_by=stored.updated_by,
        revision=client.revision,
        logo=client.logo,
        published=client.published,
        publishing=PublishingView(
            state=stored.publishing.state, reason=stored.publishing.reason, at=stored.publishing.at
        ),
        permissions=permissions,
        secrets=shown if secrets is not None else None,
        blocked=blocked,
    )


def changed(
    change: Changed,
    status: int = 200,
    *,
    permissions: PlainPermissions | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Answer with a client as it is after a change: ``status``, or 202 while the token service does not know of it."""
    shown = msgspec.structs.replace(
        view(change.stored, permissions=permissions, secrets=change.secrets),
        client_secret=change.secret,
        effective_at=change.told.effective_at,
        pending=change.told.pending,
    )
    given = preconditions.tag(shown.revision) | (headers or {})
    return answer(shown, 202 if shown.pending else status, given)


class StaffView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A client of whatever tenant, as staff find it; ``effective_at`` and ``pending`` as in `ClientView`."""

    id: str
    name: str
    tenant: str
    status: Status
    published: bool
    dynamic: bool
    logo: str | None
    effective_at: dt.datetime | None = None
    pending: bool = False


def staff_view(stored: Stored) -> StaffView:
    client = stored.client
    return StaffView(
        id=client.id,
        name=client.name,
        tenant=client.tenant,
        status=_status(stored.bars),
        published=client.published,
        dynamic=client.dynamic,
        logo=client.logo,
    )


def _status(bars: Bars) -> Status:
    if bars.deleted:
        return "deleted"
    if bars.compromised:
        return "compromised"
    return "disabled" if bars.disabled else "active"
