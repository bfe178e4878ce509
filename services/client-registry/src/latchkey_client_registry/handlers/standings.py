"""How clients stand, for a token service that has to catch up."""

from typing import Final

import msgspec
from aiohttp import web

from latchkey_client_registry.store import standings, tenant_clients
from latchkey_client_registry.store.standings import ID_LENGTH
from latchkey_contracts.requests.standing import (
    Key,
    Standing,
    StandingAnswer,
    StandingGet,
    StandingList,
    StandingPage,
)
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging import outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import FieldError, bad_request

PAGE_SIZE: Final = 500


class Standings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, request: web.Request) -> web.Response:
        """``None`` for what never turned, and for what is not ours."""
        asked = await json_body(request, StandingGet)
        async with self._database.connection() as connection:
            return answer(StandingAnswer(standing=await _standing(connection, asked)))

    async def list(self, request: web.Request) -> web.Response:
        """A page says how far the outbox was before it was read; the next one starts after its last key."""
        after = _key((await json_body(request, StandingList)).after)
        async with self._database.connection() as connection:
            epoch, sequence = await outbox.position(connection)
            found = await standings.after(connection, after, PAGE_SIZE + 1)
        page = tuple(found[:PAGE_SIZE])
        following = page[-1].key if len(found) > PAGE_SIZE else None
        return answer(StandingPage(epoch=epoch, sequence=sequence, standings=page, next=following))


async def _standing(connection: Connection, asked: StandingGet) -> Standing | None:
    first, second = asked.key[:ID_LENGTH], asked.key[ID_LENGTH:]
    if asked.kind == "client" and not second:
        return await standings.of_client(connection, first)
    if asked.kind == "tenant_client" and second:
        stands = await tenant_clients.among(connection, second, [first])
        return stands[first].standing if stands else None
    return None


def _key(after: str | None) -> str:
    """Check where to start; empty at the beginning."""
    if after is None:
        return ""
    try:
        return msgspec.convert(after, Key)
    except msgspec.ValidationError:
        error = FieldError(pointer="/after", message="No page ended here.")
        raise bad_request("A member of the body is not valid.", error) from None
