"""One operation on one data model, whatever door it came through: rights, fields, portfolio, rows, events."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import msgspec

from latchkey_contracts.events import Event
from latchkey_contracts.events.record import RecordCreated, RecordRemoved, RecordUpdated
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import Problem
from latchkey_records.domain import cursor, parameters
from latchkey_records.domain.cursor import Place
from latchkey_records.domain.errors import Changed, NoSuchRecord
from latchkey_records.domain.etag import Precondition, etag
from latchkey_records.domain.kinds import Kind
from latchkey_records.domain.parameters import Operation, Page
from latchkey_records.refusals import telling
from latchkey_records.store import records
from latchkey_records.task import Confirms, Task
from latchkey_records.within import stay_within
from latchkey_verify import Bearer, Effective


class Result(msgspec.Struct, frozen=True):
    """``status`` is an HTTP status; ``body`` what is told."""

    status: int
    body: dict[str, Any]


class Operations:
    """The one core of every door."""

    def __init__(self, database: Database, outbox: Outbox, verifier: Confirms, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._outbox = outbox
        self._verifier = verifier
        self._new_id: Callable[[], str] = lambda: new_id(clock, entropy)
        self._how: dict[Operation, Callable[[Task, Precondition | None], Awaitable[Result]]] = {
            "list": self._list,
            "get": self._get,
            "create": self._create,
            "update": self._update,
            "remove": self._remove,
        }

    async def perform(
        self,
        bearer: Bearer,
        effective: Effective,
        kind: Kind,
        operation: Operation,
        given: Mapping[str, Any],
        only_if: Precondition | None = None,
    ) -> Result:
        """Do it, with the parameters that `domain.parameters` describes; ``only_if`` is for ``update`` and ``remove``.

        Raises:
            Problem: 400 for parameters, 403 (`LackingRight`, `OutsidePortfolio`), 404, 409, 412.
            InvalidToken, NoLease: the bearer died, or we lost sight of it, before a write was committed or a read told.

        """
        task = Task.begin(bearer, effective, kind, parameters.NEEDS[operation], given)
        with telling(effective, kind.name):
            parameters.check_names(operation, given)
            return await self._how[operation](task, only_if)

    async def _list(self, task: Task, _only_if: Precondition | None) -> Result:
        shown = task.may("view")
        asked = parameters.read_page(task.kind, task.given, shown, task.bearer.user)
        async with self._database.connection() as connection:
            found = await records.page(connection, task.kind, task.reach, shown, asked)
        self._verifier.confirm(task.bearer)
        return Result(200, {"data": found.records, "next_cursor": _cursor(task.kind, asked, found.place)})

    async def _get(self, task: Task, _only_if: Precondition | None) -> Result:
        return Result(200, await self._shown(task, parameters.read_id(task.given)))

    async def _create(self, task: Task, _only_if: Precondition | None) -> Result:
        permissions, me = task.effective.permissions, task.bearer.user
        values = parameters.read_values(task.kind, "create", task.given, permissions, me)
        record = self._new_id()
        async with self._database.transaction() as connection:
            await stay_within(connection, task, {"owner": None, "company": None} | values, new=True)
            made = await records.insert(connection, task.kind, task.reach.tenant, record, values, task.may("view"))
            await self._tell(connection, task, RecordCreated(record=record, model=task.kind.name))
        return Result(201, made or {"id": record})

    async def _update(self, task: Task, only_if: Precondition | None) -> Result:
        permissions, me = task.effective.permissions, task.bearer.user
        values = parameters.read_values(task.kind, "update", task.given, permissions, me)
        record = parameters.read_id(task.given)
        if not values:
            shown = await self._shown(task, record)
            _check(only_if, shown)
            return Result(200, shown)
        async with self._database.transaction() as connection:
            await self._hold(connection, task, record, only_if)
            await stay_within(connection, task, values)
            changed = await records.update(connection, task.kind, task.reach.tenant, record, values, task.may("view"))
            event = RecordUpdated(record=record, model=task.kind.name, fields=tuple(values))
            await self._tell(connection, task, event)
        return Result(200, changed)

    async def _remove(self, task: Task, only_if: Precondition | None) -> Result:
        record = parameters.read_id(task.given)
        try:
            async with self._database.transaction() as connection:
                await self._hold(connection, task, record, only_if)
                await records.remove(connection, task.kind, task.reach.tenant, record)
                await self._tell(connection, task, RecordRemoved(record=record, model=task.kind.name))
        except asyncpg.ForeignKeyViolationError:
            detail = "Other records belong to it: remove or move them first."
            raise Problem(409, "in_use", "This cannot be removed now.", detail) from None
        return Result(204, {"id": record, "removed": True})

    async def _hold(self, connection: Connection, task: Task, record: str, only_if: Precondition | None) -> None:
        """Keep everybody else from changing the record until the end of the transaction."""
        if not await records.lock(connection, task.kind, task.reach, record):
            raise NoSuchRecord
        if only_if is not None:
            now = await records.get(connection, task.kind, task.reach, task.may("view"), record)
            _check(only_if, now or {})

    async def _shown(self, task: Task, record: str) -> dict[str, Any]:
        async with self._database.connection() as connection:
            found = await records.get(connection, task.kind, task.reach, task.may("view"), record)
        self._verifier.confirm(task.bearer)
        if found is None:
            raise NoSuchRecord
        return found

    async def _tell(self, connection: Connection, task: Task, event: Event) -> None:
        """Write the event, and look once more whether the bearer is alive: the last step before the commit."""
        bearer = task.bearer
        await self._outbox.add(connection, event, tenant=bearer.tenant, user=bearer.user, client=bearer.client)
        self._verifier.confirm(bearer)


def _cursor(kind: Kind, asked: Page, place: Place | None) -> str | None:
    return None if place is None else cursor.write(kind.name, asked.selection.order, place.values, place.record)


def _check(only_if: Precondition | None, shown: Mapping[str, Any]) -> None:
    now = etag(shown)
    if only_if is not None and not only_if.holds(now):
        raise Changed(now)
