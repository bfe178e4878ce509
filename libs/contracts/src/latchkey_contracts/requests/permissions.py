"""Requests to the permissions service."""

from typing import ClassVar, Final, Literal

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask, Done

CATALOGUE_PATH: Final = "/v1/catalogue"
"""Where a resource server puts (PUT) its data models, on the public port as on the internal one."""


PlainPermissions = dict[str, tuple[str, ...] | dict[str, str | tuple[str, ...] | dict[str, tuple[str, ...]]]]
"""Model → actions, or model → action → fields: ``"*"``, a list, or ``{"except": …}`` (``latchkey_policy.shape``)."""
PortfolioKind = Literal["all", "own", "team", "listed"]


class ConsentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an app asks for, in plain words. ``strong``: it changes, removes or exports.

    ``details`` say where it reaches some fields only, for example ``Update only Name and Phase``. ``words`` are the
    ``model:action`` that the line stands for, each of which the user may leave out where the client lets them.
    """

    title: str
    sentence: str
    strong: bool = False
    details: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    new: bool = False
    """Whether a part of it was not granted before, where something was."""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What may be granted, or why nothing is.

    ``refusal``: ``unknown_scope`` (``named`` holds the word), ``missing`` (the role lacks ``named``) or ``nothing``.
    Without a refusal, ``document`` is the stored grant document and ``scope`` the granted ``model:action`` list.
    """

    refusal: Literal["unknown_scope", "missing", "nothing"] | None = None
    named: tuple[str, ...] = ()
    document: Digest | None = None
    scope: tuple[str, ...] = ()
    lines: tuple[ConsentLine, ...] = ()
    within: bool = False
    """Whether nothing of the document goes beyond the one ``before``, its portfolio included."""


class PermissionsResolve(Ask[Resolution], frozen=True):
    """``permissions.resolve``: what this user may grant to this client for these scope words.

    ``scope`` is the authorization request's parameter or ``None``; ``default`` says what none means.
    """

    path: ClassVar[str] = "/internal/permissions/resolve"
    answer: ClassVar[type] = Resolution
    tenant: Id
    user: Id
    client: Id
    scope: str | None
    default: Literal["default", "inclusive"]
    chosen: tuple[str, ...] | None = None
    """What the user left of it, as ``model:action``; ``None`` when there was no choice. It only ever narrows."""
    before: Digest | None = None
    """The grant document that stands already: what goes beyond it is marked ``new``."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of somebody's rights, at a revision. ``key`` is what floors of the feed call it."""

    key: str
    revision: int
    permissions: msgspec.Raw
    """A permission set in the JSON of ``latchkey_policy``."""


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """All that a verifier needs to decide for one connection until a floor of the feed says that it changed.

    ``document`` is the grant document in the JSON of ``latchkey_policy``. Without a role the user may do nothing.
    ``assignment`` is the revision of "which role has the user"; ``portfolio`` the role's kind of portfolio now.
    """

    document: msgspec.Raw
    ceiling: Part
    role: Part | None
    assignment: int
    portfolio: str = "own"
    team: tuple[Id, ...] = ()
    """The user and those in a team with them, if the kind granted or the kind now is ``team``."""
    listed: tuple[Id, ...] = ()
    """The companies on the user's list, if the kind granted or the kind now is ``listed``."""


class RightsGet(Ask[Rights], frozen=True):
    """``rights``: edge, records, mcp and every other verifier ask for what they do not hold."""

    path: ClassVar[str] = "/internal/rights"
    answer: ClassVar[type] = Rights
    tenant: Id
    user: Id
    client: Id
    document: Digest


class CeilingPut(Ask[Done], frozen=True):
    """The registry hands over the most that a client may do.

    Refused by name (400): an unknown model, action or field, fields of ``remove``, writing to a read-only field. And,
    when an actor is named, what goes beyond that person's own role (403, ``beyond_yourself``).
    """

    path: ClassVar[str] = "/internal/ceilings"
    answer: ClassVar[type] = Done
    tenant: Id
    client: Id
    permissions: PlainPermissions
    dynamic: bool | None = None
    """Whether users pick from their whole role, without a ceiling (staff decide); ``None`` leaves it as it is."""
    actor: Id | None = None
    """The admin who sets it, whose role bounds it; ``None`` for the operator."""
    through: Id | None = None
    """The app through which they do it."""


class CeilingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    permissions: PlainPermissions
    dynamic: bool = False


class CeilingGet(Ask[CeilingAnswer], frozen=True):
    """The registry asks for a client's ceiling, to show it."""

    path: ClassVar[str] = "/internal/ceilings/get"
    answer: ClassVar[type] = CeilingAnswer
    tenant: Id
    client: Id


class RoleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    role: Id


class RolePut(Ask[RoleAnswer], frozen=True):
    """The operator makes or replaces a role, by name within its tenant."""

    path: ClassVar[str] = "/internal/roles"
    answer: ClassVar[type] = RoleAnswer
    tenant: Id
    name: str
    permissions: PlainPermissions
    portfolio: PortfolioKind
    app_center: bool = False
    settings: bool = False
    audit: bool = False


class RoleAssign(Ask[Done], frozen=True):
    """The operator gives a user a role in a tenant."""

    path: ClassVar[str] = "/internal/roles/assign"
    answer: ClassVar[type] = Done
    tenant: Id
    user: Id
    role: Id


class LeavingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``allowed`` is false for the last user whose role has the Settings flag: somebody must be able to manage."""

    allowed: bool


class LeavingAsk(Ask[LeavingAnswer], frozen=True):
    """Auth asks before a member is removed. A user who is allowed to leave does not count as staying from then on."""

    path: ClassVar[str] = "/internal/roles/leaving"
    answer: ClassVar[type] = LeavingAnswer
    tenant: Id
    user: Id


class RoleUnassign(Ask[Done], frozen=True):
    """Auth tells that a member was removed: their role ends, and is not theirs when they are added again.

    Who has no role is answered alike. It is nobody's decision but the removal's, so nothing bounds it.
    """

    path: ClassVar[str] = "/internal/roles/unassign"
    answer: ClassVar[type] = Done
    tenant: Id
    user: Id
    actor: Id | None = None
    """Who removed the member; ``None`` for the operator."""
    through: Id | None = None
    """The app through which they did it."""


class RoleOffer(Ask[Done], frozen=True):
    """Auth asks before somebody is invited: whether the inviter may give this role.

    404 for a role of another tenant, 403 (``beyond_yourself``) for one that is above the actor.
    """

    path: ClassVar[str] = "/internal/roles/offer"
    answer: ClassVar[type] = Done
    tenant: Id
    role: Id
    actor: Id | None = None
    """Who invites; ``None`` for staff, whom nothing bounds."""


class RoleGive(Ask[Done], frozen=True):
    """Auth gives a new member the role that they were invited for, in the place of the one before.

    Refused as `RoleOffer`, by what the inviter may give now.
    """

    path: ClassVar[str] = "/internal/roles/give"
    answer: ClassVar[type] = Done
    tenant: Id
    user: Id
    role: Id
    actor: Id | None = None
    """Who invited them; ``None`` for staff."""


class RoleWithin(Ask[Done], frozen=True):
    """Auth asks before somebody is handed a key to a member's account: 403 when that member may do more than they."""

    path: ClassVar[str] = "/internal/roles/within"
    answer: ClassVar[type] = Done
    tenant: Id
    user: Id
    actor: Id


class AdminRolePut(Ask[RoleAnswer], frozen=True):
    """Auth makes the first role of a new tenant: ``Admin``, with all that the catalogue has now, and every flag."""

    path: ClassVar[str] = "/internal/roles/admin"
    answer: ClassVar[type] = RoleAnswer
    tenant: Id
