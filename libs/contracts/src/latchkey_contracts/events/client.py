"""Facts of the client registry. Only ids and settings; secrets and their hashes never."""

from typing import ClassVar

from latchkey_contracts import feed
from latchkey_contracts.events.base import Change, Effect, Event, Result
from latchkey_contracts.ids import Id


class ClientCreated(Event, frozen=True):
    """An OAuth client was made. ``changes`` say what else it began with; its ceiling is told by ``ceiling.changed``."""

    type: ClassVar[str] = "client.created"
    title: ClassVar[str] = "App created"
    entity: ClassVar[str] = "client"
    client: Id
    name: str
    client_type: str
    redirect_uris: tuple[str, ...]
    revision: int
    changes: tuple[Change, ...] = ()


class ClientUpdated(Event, frozen=True):
    """Settings of a client were set; ``changed`` names them. ``revision`` only grows.

    ``changes`` are those that are not as they were. ``permissions`` are told by ``ceiling.changed``.
    """

    type: ClassVar[str] = "client.updated"
    title: ClassVar[str] = "App settings changed"
    entity: ClassVar[str] = "client"
    client: Id
    changed: tuple[str, ...]
    revision: int
    changes: tuple[Change, ...] = ()


class ClientTurned(Event, frozen=True):
    """What the facts have in common that kill, bar or lift. ``turn`` as in ``latchkey_contracts.requests.standing``."""

    entity: ClassVar[str] = "client"
    client: Id
    turn: int
    barred: bool
    """How it stands after this: whether connections of it may be born."""


class ClientSecretRotated(ClientTurned, frozen=True):
    """The secret was regenerated: every earlier secret and every connection of the client is dead."""

    type: ClassVar[str] = "client.secret_rotated"
    title: ClassVar[str] = "Secret regenerated: connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",))


class ClientMadePublic(ClientTurned, frozen=True):
    """A confidential client became public: its secrets and connections are dead."""

    type: ClassVar[str] = "client.made_public"
    title: ClassVar[str] = "App made public: its secrets and connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",))


class ClientDisabled(ClientTurned, frozen=True):
    """Its connections are dead, and none is born until it is enabled."""

    type: ClassVar[str] = "client.disabled"
    title: ClassVar[str] = "App disabled: its connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",), bar="sets")


class ClientEnabled(ClientTurned, frozen=True):
    """A disabled client may be authorized again."""

    type: ClassVar[str] = "client.enabled"
    title: ClassVar[str] = "App enabled"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",), bar="lifts")


class ClientDeleted(ClientTurned, frozen=True):
    """It is gone for good, and its connections are dead."""

    type: ClassVar[str] = "client.deleted"
    title: ClassVar[str] = "App deleted: its connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",), bar="sets")


class ClientCompromised(ClientTurned, frozen=True):
    """Staff declared its secret stolen: secrets and connections are dead, and none is born until it is lifted."""

    type: ClassVar[str] = "client.compromised"
    title: ClassVar[str] = "App declared compromised: its connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",), bar="sets")


class ClientLifted(ClientTurned, frozen=True):
    """Staff lifted the bar on a compromised client."""

    type: ClassVar[str] = "client.lifted"
    title: ClassVar[str] = "App cleared after a compromise"
    effect: ClassVar[Effect | None] = Effect(feed.CLIENT, ("client",), bar="lifts")


class ClientBlocked(ClientTurned, frozen=True):
    """A tenant lets the client in no more: its connections there are dead. ``turn`` is that of ``tenant_client``."""

    type: ClassVar[str] = "client.blocked"
    title: ClassVar[str] = "App blocked: its connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT_CLIENT, ("tenant", "client"), bar="sets")
    tenant: Id


class ClientUnblocked(ClientTurned, frozen=True):
    """A tenant lets the client in again."""

    type: ClassVar[str] = "client.unblocked"
    title: ClassVar[str] = "App unblocked"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT_CLIENT, ("tenant", "client"), bar="lifts")
    tenant: Id


class ClientSecretAdded(Event, frozen=True):
    """A second secret works beside the first. Nothing is killed. ``ending``: the last four characters."""

    type: ClassVar[str] = "client.secret_added"
    title: ClassVar[str] = "Second secret added"
    entity: ClassVar[str] = "client"
    client: Id
    secret_id: Id
    ending: str
    revision: int


class ClientSecretRetired(Event, frozen=True):
    """A secret works no more, by hand or at the end of its overlap. Connections live on."""

    type: ClassVar[str] = "client.secret_retired"
    title: ClassVar[str] = "Secret retired"
    entity: ClassVar[str] = "client"
    client: Id
    secret_id: Id
    ending: str
    revision: int


class ClientReviewed(Event, frozen=True):
    """What the facts of a client's way to other tenants have in common. ``message``: what whoever did it wrote."""

    entity: ClassVar[str] = "client"
    client: Id
    revision: int
    message: str = ""


class ClientPublishRequested(ClientReviewed, frozen=True):
    """Its maker asks staff to let other tenants use it."""

    type: ClassVar[str] = "client.publish_requested"
    title: ClassVar[str] = "Publishing of the app requested"


class ClientPublishWithdrawn(ClientReviewed, frozen=True):
    """Its maker asks for that no more."""

    type: ClassVar[str] = "client.publish_withdrawn"
    title: ClassVar[str] = "Request to publish the app withdrawn"


class ClientPublished(ClientReviewed, frozen=True):
    """Staff have reviewed it: other tenants may use it."""

    type: ClassVar[str] = "client.published"
    title: ClassVar[str] = "App published"


class ClientPublishRejected(ClientReviewed, frozen=True):
    """Staff have reviewed it, and other tenants may not use it; ``message`` says why."""

    type: ClassVar[str] = "client.publish_rejected"
    title: ClassVar[str] = "Request to publish the app rejected"
    result: ClassVar[Result] = "refused"


class ClientUnpublished(ClientReviewed, frozen=True):
    """Other tenants may use it no more: nothing new is authorized there. Connections live on until they are cut.

    Its maker took it back, or staff did, who then say why.
    """

    type: ClassVar[str] = "client.unpublished"
    title: ClassVar[str] = "App published no more"


class LabsChanged(Event, frozen=True):
    """Labs were switched for a tenant: while they are off, no client is made and nothing is authorized there."""

    type: ClassVar[str] = "labs.changed"
    title: ClassVar[str] = "Labs switched on or off"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    on: bool


class LabsRefused(Event, frozen=True):
    """Somebody was refused (403) to make an app, for labs are off in their tenant. The envelope names who acted.

    Told at once, then once a minute for the same person and the app through which they acted.
    """

    type: ClassVar[str] = "labs.refused"
    title: ClassVar[str] = "Making an app refused: labs are off"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    times: int = 1
    """How often, since it was told last."""
