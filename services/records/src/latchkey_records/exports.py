"""Exports: all records that match and are within reach, as one stream. An action of its own, with fields of its own."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import msgspec

from latchkey_contracts.events.record import RecordsExported
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.exporting import MEDIA_TYPES, Format, is_format
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.slots import Slots
from latchkey_records.domain import exporting, parameters
from latchkey_records.domain.errors import Fault, Invalid
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.parameters import Selection
from latchkey_records.refusals import telling
from latchkey_records.store.exports import Reading, reading
from latchkey_records.task import Confirms, Task
from latchkey_verify import Bearer, Effective

MOST: Final = 8
MOST_OF_A_TENANT: Final = 2
"""Exports at a time in one process: each takes a connection to the database."""
_TAKES: Final = ("filter", "sort", "format")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An export that may be made. ``fields`` are those that it holds."""

    task: Task
    form: Format
    fields: tuple[Field, ...]
    selection: Selection


class Exports:
    """Hands out exports, a few at a time."""

    def __init__(self, database: Database, outbox: Outbox, verifier: Confirms, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._outbox = outbox
        self._verifier = verifier
        self._new_id: Callable[[], str] = lambda: new_id(clock, entropy)
        self._slots = Slots(most=MOST, each=MOST_OF_A_TENANT, refusal=_too_many)

    def plan(self, bearer: Bearer, effective: Effective, kind: Kind, given: Mapping[str, Any]) -> Plan:
        """Read what is asked for.

        Raises:
            Problem: 400 for parameters, 403 (`LackingRight`).

        """
        task = Task.begin(bearer, effective, kind, "export", given)
        with telling(effective, kind.name):
            parameters.check_taken(given, _TAKES)
            selection = parameters.read_selection(given, task.may("view"), bearer.user)
            fields = parameters.exportable(kind, effective.permissions)
            return Plan(task=task, form=_form(given.get("format", "csv")), fields=fields, selection=selection)

    @contextlib.asynccontextmanager
    async def open(self, plan: Plan) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the pieces of an export. That it was made is on record before there is a first one.

        Raises:
            Problem: 429 while others are being made.
            InvalidToken, NoLease: the bearer died, or we lost sight of it.

        """
        task = plan.task
        with self._slots.taken(task.bearer.tenant):
            async with reading(self._database, task.kind, task.reach, plan.fields, plan.selection) as found:
                await self._tell(plan, found.total)
                yield _pieces(plan, found)

    async def _tell(self, plan: Plan, count: int) -> None:
        bearer = plan.task.bearer
        names = tuple(field.name for field in plan.fields)
        event = RecordsExported(
            export=self._new_id(), model=plan.task.kind.name, format=plan.form, fields=names, count=count
        )
        async with self._database.transaction() as connection:
            await self._outbox.add(connection, event, tenant=bearer.tenant, user=bearer.user, client=bearer.client)
            self._verifier.confirm(bearer)


def _too_many() -> Problem:
    advice = "Wait until an export that runs now is done."
    return Problem(429, "too_many_exports", "Too many exports at a time.", advice, headers={"Retry-After": "5"})


def _form(given: object) -> Format:
    if not isinstance(given, str) or not is_format(given):
        raise Invalid(Fault("/format", f"Expected one of {', '.join(MEDIA_TYPES)}."))
    return given


async def _pieces(plan: Plan, found: Reading) -> AsyncIterator[bytes]:
    yield exporting.head(plan.form, plan.fields)
    async for records in found.batches:
        yield exporting.lines(plan.form, plan.fields, records)
