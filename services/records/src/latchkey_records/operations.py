"""One operation on one data model, whatever door it came through: rights, fields, portfolio, rows, events."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import asyncpg
import msgspec

from latchkey_contracts.events import Event
from latchkey_contracts.events.record import RecordCreated, RecordRemoved, RecordUpdated
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import FieldError, Problem, bad_request, not_found
from latchkey_policy.names import Action
from latchkey_records.domain import parameters
from latchkey_records.domain.catalogue import COMPANY
from latchkey_records.domain.errors import Invalid, LackingFields, NoSuchRecord
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.parameters import Operation
from latchkey_records.domain.portfolio import Reach, reach
from latchkey_records.refusals import OutsidePortfolio, lacking_action, lacking_fields
from latchkey_records.store import records
from latchkey_verify import Bearer, Effective, RightsUnavailable


class Confirms(Protocol):
    """What is asked again before a write commits, and before anything that was read is told."""

    def confirm(self, bearer: Bearer) -> None: ...


class Result(msgspec.Struct, frozen=True):
    """``status`` is an HTTP status; ``body`` what is told."""

    status: int
    body: dict[str, Any]


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    """One operation under way."""

    bearer: Bearer
    effective: Effective
    reach: Reach
    kind: Kind
    given: Mapping[str, Any]

    def may(self, action: Action) -> tuple[Field, ...]:
        return parameters.touchable(self.kind, action, self.effective.permissions)


class Operations:
    """The one core of every door."""

    def __init__(self, database: Database, outbox: Outbox, verifier: Confirms, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._outbox = outbox
        self._verifier = verifier
        self._new_id: Callable[[], str] = lambda: new_id(clock, entropy)
        self._how: dict[Operation, Callable[[_Task], Awaitable[Result]]] = {
            "list": self._list,
            "get": self._get,
            "create": self._create,
            "update": self._update,
            "remove": self._remove,
        }

    async def perform(
        self, bearer: Bearer, effective: Effective, kind: Kind, operation: Operation, given: Mapping[str, Any]
    ) -> Result:
        """Do it, with the parameters that `domain.parameters` describes.

        Raises:
            Problem: 400 for parameters, 403 (`LackingRight`, `OutsidePortfolio`), 404, 409.
            InvalidToken, NoLease: the bearer died, or we lost sight of it, before a write was committed or a read told.

        """
        action = parameters.NEEDS[operation]
        if not effective.permissions.allows(kind.name, action):
            raise lacking_action(effective, kind.name, action)
        within = _reach(bearer, effective)
        task = _Task(bearer=bearer, effective=effective, reach=within, kind=kind, given=given)
        try:
            parameters.check_names(operation, given)
            return await self._how[operation](task)
        except Invalid as error:
            named = (FieldError(pointer=fault.pointer, message=fault.message) for fault in error.faults)
            raise bad_request("Something in it is not valid.", *named) from None
        except LackingFields as error:
            raise lacking_fields(effective, kind.name, error.action, error.fields) from None
        except NoSuchRecord:
            raise not_found() from None

    async def _list(self, task: _Task) -> Result:
        shown = task.may("view")
        asked = parameters.read_page(task.given, shown, task.bearer.user)
        async with self._database.connection() as connection:
            found = await records.page(connection, task.kind, task.reach, shown, asked)
        self._verifier.confirm(task.bearer)
        data = found[: asked.limit]
        return Result(200, {"data": data, "next_cursor": data[-1]["id"] if len(found) > asked.limit else None})

    async def _get(self, task: _Task) -> Result:
        record = parameters.read_id(task.given)
        return await self._shown(task, record)

    async def _create(self, task: _Task) -> Result:
        permissions, me = task.effective.permissions, task.bearer.user
        values = parameters.read_values(task.kind, "create", task.given, permissions, me)
        record = self._new_id()
        async with self._database.transaction() as connection:
            await _stay_within(connection, task, {"owner": None, "company": None} | values)
            made = await records.insert(connection, task.kind, task.reach.tenant, record, values, task.may("view"))
            await self._tell(connection, task, RecordCreated(record=record, model=task.kind.name))
        return Result(201, made or {"id": record})

    async def _update(self, task: _Task) -> Result:
        permissions, me = task.effective.permissions, task.bearer.user
        values = parameters.read_values(task.kind, "update", task.given, permissions, me)
        record = parameters.read_id(task.given)
        if not values:
            return await self._shown(task, record)
        async with self._database.transaction() as connection:
            if not await records.lock(connection, task.kind, task.reach, record):
                raise NoSuchRecord
            await _stay_within(connection, task, values)
            changed = await records.update(connection, task.kind, task.reach.tenant, record, values, task.may("view"))
            event = RecordUpdated(record=record, model=task.kind.name, fields=tuple(values))
            await self._tell(connection, task, event)
        return Result(200, changed)

    async def _remove(self, task: _Task) -> Result:
        record = parameters.read_id(task.given)
        try:
            async with self._database.transaction() as connection:
                if not await records.remove(connection, task.kind, task.reach, record):
                    raise NoSuchRecord
                await self._tell(connection, task, RecordRemoved(record=record, model=task.kind.name))
        except asyncpg.ForeignKeyViolationError:
            detail = "Other records belong to it: remove or move them first."
            raise Problem(409, "in_use", "This cannot be removed now.", detail) from None
        return Result(204, {"id": record, "removed": True})

    async def _shown(self, task: _Task, record: str) -> Result:
        async with self._database.connection() as connection:
            found = await records.get(connection, task.kind, task.reach, task.may("view"), record)
        self._verifier.confirm(task.bearer)
        if found is None:
            raise NoSuchRecord
        return Result(200, found)

    async def _tell(self, connection: Connection, task: _Task, event: Event) -> None:
        """Write the event, and look once more whether the bearer is alive: the last step before the commit."""
        bearer = task.bearer
        await self._outbox.add(connection, event, tenant=bearer.tenant, user=bearer.user, client=bearer.client)
        self._verifier.confirm(bearer)


def _reach(bearer: Bearer, effective: Effective) -> Reach:
    try:
        return reach(tenant=bearer.tenant, user=bearer.user, portfolios=effective.portfolios)
    except ValueError as error:
        raise RightsUnavailable(f"a kind of portfolio that is not known here: {error}") from error


async def _stay_within(connection: Connection, task: _Task, values: Mapping[str, Any]) -> None:
    """Refuse values that would put the record out of reach; a company out of reach is as if it did not exist."""
    owner = task.reach.owner
    if task.kind is COMPANY:
        if owner is not None and values.get("owner", owner) != owner:
            raise OutsidePortfolio("/values/owner", 'Name yourself as the owner ("me").')
    elif "company" in values and values["company"] is None:
        if owner is not None:
            raise OutsidePortfolio("/values/company", "Name a company that you own.")
    elif "company" in values and not await records.hold_company(connection, COMPANY, task.reach, values["company"]):
        fault = FieldError(pointer="/values/company", message="There is no such company.")
        raise bad_request("Something in it is not valid.", fault)
