"""Whose a connection is, for permissions, which explains what it may do."""

from aiohttp import web

from latchkey_contracts.requests.connections import ConnectionAnswer, ConnectionFacts, ConnectionGet
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_token.domain.connection_status import status
from latchkey_token.store.connection_list import document_of, one_of


class ConnectionLookup:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, ConnectionGet)
        async with self._database.connection() as connection:
            found = await one_of(connection, asked.tenant, asked.connection)
            if found is None:
                return answer(ConnectionAnswer(connection=None))
            document = await document_of(connection, asked.tenant, asked.connection)
        facts = ConnectionFacts(
            tenant=asked.tenant,
            user=found.user,
            client=found.client,
            document=document,
            status=status(generation=found.generation, cut_at=found.cut_at, ends=found.ends, now=found.now),
        )
        return answer(ConnectionAnswer(connection=facts))
