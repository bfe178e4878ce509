"""The feed is pulled as a verifier pulls it, and held against its table."""

import base64

import msgspec
import pytest
from aiohttp import web

from latchkey_cli.check.pulled import pulled
from latchkey_contracts.feed import Entry, Page, mark

RULE = "feed: as told"


@pytest.fixture
def telling(house, site):
    """``async with telling(change)``: heads that tell the house's feed in pages of two, after this change to each."""

    async def page(request):
        scheme, _, credential = request.headers["Authorization"].partition(" ")
        assert (scheme, base64.b64decode(credential)) == ("Basic", b"operator:operator-credential")
        assert "applied" not in request.query, "it is no verifier"
        rows = await house.ask(
            "token",
            "SELECT json_agg(feed ORDER BY number)::text FROM feed WHERE number > $1",
            int(request.query["after"]),
        )
        salt = await house.ask("token", "SELECT salt FROM feed_state")
        all_left = [Entry(row["number"], row["kind"], row["key"], row["value"]) for row in msgspec.json.decode(rows)]
        entries = tuple(
            Entry(one.number, one.kind, mark(salt, one.kind, one.key).hex(), one.value) for one in all_left[:2]
        )
        epoch = await house.ask("token", "SELECT restore_id FROM feed_state")
        return Page(
            epoch=f"{epoch}.00000001", head=entries[-1].number, entries=entries, more=len(all_left) > 2, salt=salt.hex()
        )  # fmt: skip

    async def look(change=lambda page: page):
        async def answer(request):
            return web.Response(body=msgspec.json.encode(change(await page(request))))

        async with site({"GET /feed": answer}) as url:
            house.heads = f"{url}/, {url}"
            return await house.findings(pulled)

    return look


def changed(**fields):
    return lambda page: msgspec.structs.replace(page, **fields)


async def test_feed_that_tells_its_table_is_proven(telling):
    assert await telling() == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(head=9, more=False), "head 9: the last number ever given is 3"),
        (changed(epoch="0" * 32), "the database is of"),
        (changed(salt="00" * 32), "has another salt"),
        (lambda page: msgspec.structs.replace(page, entries=page.entries[1:]), "entry 2: it is told as (2,"),
        (lambda page: msgspec.structs.replace(page, entries=page.entries[:1] * 2), "and held as (2,"),
        (lambda page: msgspec.structs.replace(
            page, entries=tuple(msgspec.structs.replace(one, value=0) for one in page.entries)), "entry 1: it is told"),
    ],
)  # fmt: skip
async def test_feed_that_tells_something_else_is_seen(telling, change, words):
    assert words in str((await telling(change))[RULE].offenders)


async def test_feed_that_is_away_proves_nothing(house):
    house.heads = "http://127.0.0.1:1"
    assert (await house.findings(pulled))[RULE].state == "skip"
