"""Requests behind the web console: who is at the browser, and what that person may do.

The console acts for a person by an *actor assertion*: a JWT of the auth service, good for one minute and for one owner.
No service is believed on its word that somebody is there.
"""

import datetime as dt
from typing import ClassVar, Final

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask
from latchkey_contracts.requests.permissions import ConsentLine, PlainPermissions, PortfolioKind

ACTOR_HEADER: Final = "X-Latchkey-Actor"
"""Header of an internal request that holds the actor assertion."""
ACTOR_TYPE: Final = "latchkey-actor+jwt"
"""``typ`` of an actor assertion: nothing else that is signed can be taken for one."""
ASSERTION_SECONDS: Final = 60
OWNERS: Final = ("auth", "token", "client-registry", "permissions", "audit")
"""Who takes actor assertions; their names are the audiences."""


class ActorClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an actor assertion says. ``tid``: the workspace acted in; empty for staff who act in none.

    ``ses`` tells the person's sessions apart, and opens none.
    """

    iss: str
    aud: str
    sub: Id
    iat: int
    exp: int
    tid: str = ""
    stf: bool = False
    ses: str = ""


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant that somebody belongs to. ``name`` is unique and stays, ``title`` is what people read."""

    id: Id
    name: str
    title: str


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who a session belongs to. ``workspace`` is the one that was asked for, or the first; ``None`` without any.

    ``csrf`` is the token for the console's forms in this session, ``sign_out_csrf`` for auth's own sign-out form.
    ``assertions``: owner's name → actor assertion; for who is in no workspace and no staff, auth's only.
    """

    user: Id
    email: str
    name: str
    staff: bool
    workspaces: tuple[Workspace, ...]
    workspace: Workspace | None
    csrf: str
    sign_out_csrf: str
    assertions: dict[str, str]


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``None`` for a session that is not living, or never was."""

    person: SignedIn | None


class SessionsResolve(Ask[SessionAnswer], frozen=True):
    """``sessions.resolve``: the console asks whose browser it is. ``workspace`` is a tenant's name.

    ``session`` is the value of the session cookie.
    """

    path: ClassVar[str] = "/internal/sessions/resolve"
    answer: ClassVar[type] = SessionAnswer
    session: str
    workspace: str | None = None


class ActorKeysAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Ed25519 public keys (32 bytes, base64url without padding) by their ``kid``."""

    keys: dict[str, str]


class ActorKeysGet(Ask[ActorKeysAnswer], frozen=True):
    """The owners ask with which keys actor assertions are signed."""

    path: ClassVar[str] = "/internal/actor-keys"
    answer: ClassVar[type] = ActorKeysAnswer


class PersonRights(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody's role in a workspace is now. Without a role, ``role`` is ``None`` and nothing is allowed.

    ``permissions`` is a permission set in the JSON of ``latchkey_policy``.
    """

    role: Id | None
    role_name: str
    permissions: msgspec.Raw
    portfolio: PortfolioKind
    app_center: bool
    settings: bool
    audit: bool


class PersonRightsGet(Ask[PersonRights], frozen=True):
    """What a person may do by themselves, without an app: their role, as it is now."""

    path: ClassVar[str] = "/internal/rights/person"
    answer: ClassVar[type] = PersonRights
    tenant: Id
    user: Id


class NamedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Who is, or was, a member."""

    name: str
    email: str


class PeopleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """By id; whoever never was a member of the tenant is left out."""

    people: dict[str, NamedPerson]


class PeopleNamed(Ask[PeopleAnswer], frozen=True):
    """Auth: who some users of a tenant are, for pages that show ids otherwise."""

    path: ClassVar[str] = "/internal/people/named"
    answer: ClassVar[type] = PeopleAnswer
    tenant: Id
    users: tuple[Id, ...]


class NamedClient(msgspec.Struct, frozen=True, kw_only=True):
    """``logo`` is a path on the origin of the pages; ``tenant`` the one that made it."""

    name: str
    description: str = ""
    logo: str | None = None
    published: bool = False
    tenant: Id


class ClientsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """By id, deleted ones too."""

    clients: dict[str, NamedClient]


class ClientsNamed(Ask[ClientsAnswer], frozen=True):
    """The client registry: what some clients are called, whoever made them."""

    path: ClassVar[str] = "/internal/clients/named"
    answer: ClassVar[type] = ClientsAnswer
    clients: tuple[Id, ...]


class LabsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``on``: OAuth clients may be made and authorized in the workspace."""

    on: bool


class LabsOf(Ask[LabsAnswer], frozen=True):
    """The client registry: how the Labs switch of a workspace stands."""

    path: ClassVar[str] = "/internal/labs/of"
    answer: ClassVar[type] = LabsAnswer
    tenant: Id


class RoleOf(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's role."""

    id: Id
    name: str


class RolesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """By user; whoever has none is left out."""

    roles: dict[str, RoleOf]


class RolesOf(Ask[RolesAnswer], frozen=True):
    """Permissions: which roles some users have in a tenant."""

    path: ClassVar[str] = "/internal/roles/of"
    answer: ClassVar[type] = RolesAnswer
    tenant: Id
    users: tuple[Id, ...]


class LinesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``scope``: the words that ask for it."""

    lines: tuple[ConsentLine, ...]
    scope: tuple[str, ...]


class LinesOf(Ask[LinesAnswer], frozen=True):
    """Permissions: what the consent page would say of a permission set (400 for names that do not exist)."""

    path: ClassVar[str] = "/internal/permissions/lines"
    answer: ClassVar[type] = LinesAnswer
    permissions: PlainPermissions


class DocumentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """By digest; unknown ones are left out."""

    documents: dict[str, tuple[ConsentLine, ...]]


class DocumentsInWords(Ask[DocumentsAnswer], frozen=True):
    """Permissions: what was granted, in the words of the consent page."""

    path: ClassVar[str] = "/internal/permissions/documents"
    answer: ClassVar[type] = DocumentsAnswer
    tenant: Id
    documents: tuple[Digest, ...]


class StandingGrant(msgspec.Struct, frozen=True, kw_only=True):
    """The newest living connection of a user with a client."""

    document: Digest
    resources: tuple[str, ...]
    connected_at: dt.datetime


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``None`` when nothing stands."""

    grant: StandingGrant | None


class GrantsStanding(Ask[StandingAnswer], frozen=True):
    """Token: auth asks what a user has granted to a client already and what still lives."""

    path: ClassVar[str] = "/internal/grants/standing"
    answer: ClassVar[type] = StandingAnswer
    tenant: Id
    user: Id
    client: Id
