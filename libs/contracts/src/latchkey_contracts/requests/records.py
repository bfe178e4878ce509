"""Requests to the reference resource server, made for a person: the access token travels and is verified there."""

from typing import Any, ClassVar

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.base import Ask


class Performed(msgspec.Struct, frozen=True, kw_only=True):
    """``status`` is the HTTP status that REST would have answered; ``body`` its JSON (problem details when ≥ 400).

    ``remedy`` is the scope to ask for when a right is lacking (403) that the user could still grant.
    """

    status: int
    body: msgspec.Raw
    remedy: str | None = None


class RecordsPerform(Ask[Performed], frozen=True):
    """``records.perform``: one operation on one data model with an access token for the MCP audience.

    ``operation``: ``list``, ``get``, ``create``, ``update`` or ``remove``; ``parameters`` as its schema says.
    """

    path: ClassVar[str] = "/internal/perform"
    answer: ClassVar[type] = Performed
    access_token: str
    model_route: str
    operation: str
    parameters: dict[str, Any]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation of a data model. ``allowed``: this connection may use it now. ``parameters``: a JSON Schema."""

    name: str
    title: str
    allowed: bool
    parameters: msgspec.Raw


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True):
    model_route: str
    title: str
    operations: tuple[Operation, ...]


class Described(msgspec.Struct, frozen=True, kw_only=True):
    models: tuple[ModelDescription, ...]


class RecordsDescribe(Ask[Described], frozen=True):
    """Which models and operations this connection can use now; the models it can do nothing with are left out."""

    path: ClassVar[str] = "/internal/describe"
    answer: ClassVar[type] = Described
    access_token: str


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """How many records were new."""

    created: int


class RecordsLoad(Ask[Loaded], frozen=True):
    """The operator loads records of a tenant; one with a known id is left as it is. Only in local mode."""

    path: ClassVar[str] = "/internal/records"
    answer: ClassVar[type] = Loaded
    tenant: Id
    model: str
    records: tuple[dict[str, Any], ...]


class OwnerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``known`` is false when the tenant has no such company; ``owner`` is ``None`` when nobody owns it."""

    known: bool
    owner: Id | None = None


class CompanyOwner(Ask[OwnerAnswer], frozen=True):
    """Permissions asks whose a company is, to explain who sees it."""

    path: ClassVar[str] = "/internal/companies/owner"
    answer: ClassVar[type] = OwnerAnswer
    tenant: Id
    company: Id
