"""Requests to the permissions service."""

from typing import ClassVar, Final, Literal

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask, Done

CATALOGUE_PATH: Final = "/v1/catalogue"
"""Where a resource server puts (PUT) its data models, on the public port as on the internal one."""


class ConsentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an app asks for, in plain words. ``strong``: it changes, removes or exports.

    ``details`` say where it reaches some fields only, for example ``Update only Name and Phase``.
    """

    title: str
    sentence: str
    strong: bool = False
    details: tuple[str, ...] = ()


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


class RightsGet(Ask[Rights], frozen=True):
    """``rights``: edge, records, mcp and every other verifier ask for what they do not hold."""

    path: ClassVar[str] = "/internal/rights"
    answer: ClassVar[type] = Rights
    tenant: Id
    user: Id
    client: Id
    document: Digest


class CeilingPut(Ask[Done], frozen=True):
    """The registry hands over the most that a client may do: model name → actions.

    An unknown model or action is refused by name (400).
    """

    path: ClassVar[str] = "/internal/ceilings"
    answer: ClassVar[type] = Done
    tenant: Id
    client: Id
    permissions: dict[str, tuple[str, ...]]


class CeilingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    permissions: dict[str, tuple[str, ...]]


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
    permissions: dict[str, tuple[str, ...]]
    portfolio: Literal["all", "own"]
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
