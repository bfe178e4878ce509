"""What the token service asks when it does not know how something stands."""

from typing import Final

from aiohttp import web

from latchkey_auth.store import standings
from latchkey_auth.store.standings import KEY_SIZES, Place
from latchkey_contracts.requests.standing import StandingAnswer, StandingGet, StandingList, StandingPage
from latchkey_kit.db import Database
from latchkey_kit.messaging import outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import bad_request

PAGE_SIZE: Final = 500


class Standings:
    def __init__(self, database: Database, page_size: int = PAGE_SIZE) -> None:
        self._database = database
        self._page_size = page_size

    async def get(self, request: web.Request) -> web.Response:
        asked = await json_body(request, StandingGet)
        if asked.kind not in ("tenant", "user", "tenant_user") or len(asked.key) != KEY_SIZES[asked.kind]:
            raise bad_request("That is not ours to know, or its key has another length.")
        async with self._database.connection() as connection:
            return answer(StandingAnswer(standing=await standings.one(connection, asked.kind, asked.key)))

    async def list(self, request: web.Request) -> web.Response:
        asked = await json_body(request, StandingList)
        after = None if asked.after is None else _place(asked.after)
        async with self._database.connection() as connection:
            told = await outbox.position(connection)  # first: what the page shows must not be older
            found = await standings.page(connection, after, self._page_size)
        return answer(
            StandingPage(
                epoch=told.epoch,
                sequence=told.number,
                standings=found.standings,
                limits=found.limits,
                next=f"{found.place.kind}:{found.place.key}" if found.place else None,
            )
        )


def _place(text: str) -> Place:
    kind, _, key = text.partition(":")
    if len(key) != KEY_SIZES.get(kind, -1) or not set(key) <= set("0123456789abcdef"):
        raise bad_request("after is not what a page of ours gave as its next.")
    return Place(kind=kind, key=key)
