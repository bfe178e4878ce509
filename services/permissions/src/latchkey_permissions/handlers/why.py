"""`GET /v1/why`: which of grant, ceiling, role and portfolio allows or refuses an operation."""

from typing import Annotated, Final

import msgspec
from aiohttp import web

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.connections import ConnectionFacts, ConnectionGet
from latchkey_kit.db import Connection, Database
from latchkey_kit.requests import Peer
from latchkey_kit.web.bodies import answer, query
from latchkey_kit.web.problems import FieldError, Problem, bad_request, not_found
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.domain.explaining import Operation
from latchkey_permissions.handlers.companies import Companies, whereabouts
from latchkey_permissions.handlers.members import Members
from latchkey_permissions.handlers.why_answer import Subject, explained
from latchkey_permissions.store import rights, roles
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.errors import quotable
from latchkey_policy.names import FIELDLESS, is_action
from latchkey_policy.permissions import everything
from latchkey_verify.admission import Admission

_NO_CLIENT: Final = "0" * 32
_Name = Annotated[str, msgspec.Meta(max_length=600)]


class WhyQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connection, or a user, with a client or without; an operation; and a company, if it is about one."""

    connection: Id | None = None
    user: Id | None = None
    client: Id | None = None
    model: _Name
    action: _Name
    field: _Name | None = None
    company: Id | None = None


class Why:
    def __init__(
        self,
        database: Database,
        admission: Admission,
        catalogue: SharedCatalogue,
        members: Members,
        token: Peer,
        companies: Companies,
    ) -> None:
        self._database = database
        self._admission = admission
        self._catalogue = catalogue
        self._members = members
        self._token = token
        self._companies = companies

    async def __call__(self, request: web.Request) -> web.Response:
        """404 for what is not of the bearer's tenant; 400 for a name that the catalogue does not have."""
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, WhyQuery)
        facts = await self._whose(bearer.tenant, asked)
        owner = await self._companies.owner(bearer.tenant, asked.company) if asked.company else None
        async with self._database.connection() as connection:
            subject, catalogue = await self._subject(connection, bearer.tenant, asked, facts)
            operation = _operation(asked, catalogue)
            place = (
                await whereabouts(connection, bearer.tenant, subject.user, asked.company, owner)
                if asked.company
                else None
            )
        return answer(explained(subject, operation, catalogue, asked.company, place))

    async def _whose(self, tenant: str, asked: WhyQuery) -> ConnectionFacts | None:
        """The connection asked about; ``None`` when it is a member instead."""
        if asked.connection and not (asked.user or asked.client):
            found = await self._token.ask(ConnectionGet(tenant=tenant, connection=asked.connection))
            if found.connection is None:
                raise not_found("This workspace has no such connection.")
            return found.connection
        if asked.connection or not asked.user:
            raise bad_request("Name a connection, or a user and, if you like, a client.")
        await self._members.require(tenant, asked.user)
        return None

    async def _subject(
        self, connection: Connection, tenant: str, asked: WhyQuery, facts: ConnectionFacts | None
    ) -> tuple[Subject, Catalogue]:
        user, client = (facts.user, facts.client) if facts else (asked.user or "", asked.client)
        standing = await rights.standing(connection, tenant, user, client or _NO_CLIENT)
        if client and not facts and standing.made_by != tenant:
            raise not_found("This workspace has no such client.")
        catalogue = await self._catalogue.at(connection, standing.stamp)
        subject = Subject(
            user=user,
            client=client,
            connection=asked.connection,
            status=facts.status if facts else None,
            document=await rights.document(connection, tenant, facts.document) if facts else None,
            ceiling=everything(catalogue) if standing.dynamic else standing.ceiling,
            dynamic=standing.dynamic,
            permissions=standing.role,
            portfolio=standing.portfolio,
            role=await roles.of_user(connection, tenant, user),
        )
        return subject, catalogue


def _operation(asked: WhyQuery, catalogue: Catalogue) -> Operation:
    model = catalogue.by_name.get(asked.model)
    if model is None:
        raise _unknown("model", f"There is no data model called {quotable(asked.model)}.")
    if not is_action(asked.action) or asked.action not in model.actions:
        raise _unknown("action", f"The model {model.name} has no action called {quotable(asked.action)}.")
    if asked.field is not None and asked.action in FIELDLESS:
        raise _unknown("field", f"{model.name}:{asked.action} takes a record as a whole and has no list of fields.")
    if asked.field is not None and asked.field not in {field.name for field in model.fields}:
        raise _unknown("field", f"The model {model.name} has no field called {quotable(asked.field)}.")
    return Operation(model=model, action=asked.action, field=asked.field)


def _unknown(name: str, message: str) -> Problem:
    return bad_request(message, FieldError(pointer=f"/{name}", message=message))
