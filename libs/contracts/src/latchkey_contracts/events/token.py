"""Facts of the token service: grants, refreshes, reuse and the end of connections."""

from typing import ClassVar

from latchkey_contracts import feed
from latchkey_contracts.events.base import Effect, Event, Result
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment


class GrantIssued(Event, frozen=True):
    """A code was exchanged: the connection has its first tokens."""

    type: ClassVar[str] = "grant.issued"
    title: ClassVar[str] = "App connected: first tokens issued"
    entity: ClassVar[str] = "connection"
    connection: Id
    user: Id
    client: Id
    scope: tuple[str, ...]
    resources: tuple[str, ...]


class TokenRefreshed(Event, frozen=True):
    """A refresh token was exchanged; ``generation`` is the number of the new one."""

    type: ClassVar[str] = "token.refreshed"
    title: ClassVar[str] = "Token refreshed"
    entity: ClassVar[str] = "connection"
    connection: Id
    generation: int
    again: bool = False
    """The same refresh token as the first time, inside the client's retry window or after a lost answer."""


class TokenReused(Event, frozen=True):
    """A spent code or refresh token was presented: proof that two parties hold it. The connection is dead."""

    type: ClassVar[str] = "token.reused"
    title: ClassVar[str] = "Token reused: connection ended"
    effect: ClassVar[Effect | None] = Effect(feed.CONNECTION, ("connection",))
    result: ClassVar[Result] = "failed"
    entity: ClassVar[str] = "connection"
    connection: Id
    presented: int
    """Generation of what was presented; 0 is the code."""
    current: int
    """Generation that was current."""
    user: Id | None = None
    client: Id | None = None
    rotated_at: Moment | None = None
    """When the current one was made, which spent the one before it."""
    age: int | None = None
    """How old the current one was when the spent one came, in seconds."""
    effective_by: Moment | None = None
    """At the latest from then on, no verifier accepts anything of the connection. In practice it takes milliseconds;
    ``GET /v1/connections/{id}`` tells when it was."""


class TokenRefused(Event, frozen=True):
    """A genuine code or refresh token was refused without harm, for example because another client brought it.

    ``reason``: ``wrong_client``, ``wrong_redirect``, ``wrong_verifier``, ``client_authentication_failed``.
    """

    type: ClassVar[str] = "token.refused"
    title: ClassVar[str] = "Token refused"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "connection"
    connection: Id
    reason: str
    presented_by: str | None = None


class TokenAuthenticationFailed(Event, frozen=True):
    """Somebody named a known client and could not show that they are it. Told to the tenant that made the client.

    The envelope's ``clientid`` is the client that was named, so that whoever looks for it finds this too.
    ``reason``: ``wrong_secret``, ``no_secret`` or ``barred``. Told at once, then once a minute.
    """

    type: ClassVar[str] = "token.authentication_failed"
    title: ClassVar[str] = "App failed to authenticate"
    result: ClassVar[Result] = "failed"
    entity: ClassVar[str] = "client"
    client: Id
    reason: str
    times: int = 1
    """How often, since it was told last."""


class TokenIssued(Event, frozen=True):
    """A client was given an access token of its own, without a user (RFC 6749 §4.4)."""

    type: ClassVar[str] = "token.issued"
    title: ClassVar[str] = "Token issued to an app for itself"
    entity: ClassVar[str] = "connection"
    connection: Id
    client: Id
    scope: tuple[str, ...]


class ConnectionRevoked(Event, frozen=True):
    """A connection was cut.

    ``reason``: ``replay`` (a spent code or refresh token came again; ``token.reused`` has the evidence),
    ``revoked_by_client`` (the app ended it itself, RFC 7009), ``disconnected`` (an admin cut this one) or ``replaced``
    (the user connected the app once more than it may be at a time, and the longest unused connection gave way).
    ``cut`` is a word for others; nothing tells it today.
    """

    type: ClassVar[str] = "connection.revoked"
    title: ClassVar[str] = "Connection ended"
    effect: ClassVar[Effect | None] = Effect(feed.CONNECTION, ("connection",))
    entity: ClassVar[str] = "connection"
    connection: Id
    user: Id
    client: Id
    reason: str
    by: str | None = None
    """Who cut it, when a person did."""
    effective_by: Moment | None = None
    """At the latest from then on, no verifier accepts anything of it. In practice it takes milliseconds;
    ``GET /v1/connections/{id}`` tells when it was."""


class ConnectionsCut(Event, frozen=True):
    """Connections were cut by one decision; told once to each tenant that had living ones, when all are counted.

    ``kind`` says whose: of a ``client``, ``user`` or ``tenant``, of two or three of them together (``tenant_client``,
    ``tenant_user``, ``tenant_user_client``), or ``all`` there were. ``about`` is the id of the client, else of the
    user, else of the tenant that the cut names.

    ``reason`` is the type of the event that tells of the decision, such as ``client.secret_rotated``,
    ``member.removed`` or ``user.disconnected``. Without an event of their own: ``app.cut`` and ``user.cut`` (an admin
    cut all of an app, or of a user, in the tenant), ``database.restored`` (a backup was restored, and may lack what
    was revoked since) and ``unreadable_fact`` (a fact could not be read, and was taken for the worst it may have said).

    ``by`` is who decided. The envelope's ``clientid`` is the app through which an admin cut here; of what was decided
    elsewhere, the event that ``reason`` names has it.
    """

    type: ClassVar[str] = "connection.all_cut"
    title: ClassVar[str] = "Connections ended"
    entity: ClassVar[str] = "about"
    about: Id
    kind: str
    reason: str
    connections: int
    """How many of this tenant's connections were alive."""
    number: int
    """The kill's number in the feed."""
    committed_at: Moment
    effective_at: Moment
    """From then on no verifier accepted any of them."""
    client: Id | None = None
    user: Id | None = None
    by: str | None = None


class UserDisconnected(Event, frozen=True):
    """A user's connections with an app were cut, all of this tenant at once."""

    type: ClassVar[str] = "user.disconnected"
    title: ClassVar[str] = "App disconnected from a user"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT_USER_CLIENT, ("tenantid", "user", "client"))
    entity: ClassVar[str] = "user"
    user: Id
    client: Id


class SigningKeyRotated(Event, frozen=True):
    """Another key signs access tokens from now on. ``kid`` is the new one's, ``former`` stays published for a while."""

    type: ClassVar[str] = "key.rotated"
    title: ClassVar[str] = "Signing key rotated"
    entity: ClassVar[str] = "kid"
    kid: str
    former: str


class SigningKeyRetired(Event, frozen=True):
    """A key left the key set. ``compromised``: at once, and all that it had signed is refused."""

    type: ClassVar[str] = "key.retired"
    title: ClassVar[str] = "Signing key retired"
    effect: ClassVar[Effect | None] = Effect(feed.KID, ("kid",), where="compromised")
    entity: ClassVar[str] = "kid"
    kid: str
    compromised: bool = False
