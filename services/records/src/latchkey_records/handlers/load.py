"""The operator's loading of demo records, with ids of its choice."""

import asyncpg
from aiohttp import web

from latchkey_contracts.requests.records import Loaded, RecordsLoad
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_records.domain.catalogue import BY_NAME
from latchkey_records.domain.errors import Invalid
from latchkey_records.domain.parameters import read_stored
from latchkey_records.store import records


class Load:
    """Records of a tenant, all or none; one with a known id stays as it is. No events: nobody did anything."""

    def __init__(self, database: Database, *, local_mode: bool) -> None:
        self._database = database
        self._local_mode = local_mode

    async def __call__(self, request: web.Request) -> web.Response:
        if not self._local_mode:
            raise Problem(403, "local_mode_only", "Records are loaded in local mode only.")
        asked = await json_body(request, RecordsLoad)
        try:
            return answer(Loaded(created=await self._load(asked)))
        except Invalid as error:
            named = (FieldError(pointer=fault.pointer, message=fault.message) for fault in error.faults)
            raise bad_request("A record is not valid.", *named) from None
        except asyncpg.ForeignKeyViolationError:
            raise bad_request("A record names a company that is not there.") from None

    async def _load(self, asked: RecordsLoad) -> int:
        kind = BY_NAME.get(asked.model)
        if kind is None:
            raise bad_request("There is no such model.", FieldError(pointer="/model", message="Unknown."))
        read = [read_stored(kind, record, f"/records/{index}") for index, record in enumerate(asked.records)]
        created = 0
        async with self._database.transaction() as connection:
            for record, values in read:
                created += await records.insert(connection, kind, asked.tenant, record, values, ()) is not None
        return created
