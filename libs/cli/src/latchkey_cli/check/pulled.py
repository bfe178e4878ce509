"""What heads tell verifiers is what the token database holds: every entry, each once, and no other.

The feed is asked first and the table after it, so the table has all that the feed can have told. Who asks like this is
no verifier: nobody waits for what it has applied.
"""

from itertools import zip_longest
from typing import Final

import aiohttp
import msgspec

from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.heads import Heads
from latchkey_cli.check.scene import Scene
from latchkey_contracts.feed import PULL_PATH, Page, mark
from latchkey_kit.db import Connection

_RULE: Final = "feed: as told"
_ANSWER_SECONDS: Final = 10
_ROWS: Final = "SELECT number, kind, key, value FROM feed WHERE number > $1 AND number <= $2 ORDER BY number"


async def pulled(scene: Scene) -> list[Finding]:
    """Each address of the feed, from its beginning to its head."""
    if not scene.heads.urls:
        return [skipped(_RULE, "nobody says where the feed is: set HEADS_URLS and OPERATOR_SECRET")]
    return [await _of(scene, url) for url in scene.heads.urls]


async def _of(scene: Scene, url: str) -> Finding:
    tally = Tally(_RULE, f"{url} tells what the database holds")
    try:
        async with aiohttp.ClientSession() as session, scene.databases.now("token") as token:
            after, more = 0, True
            while more:
                page = await _ask(session, scene.heads, url, after)
                await _compare(token, after, page, tally)
                tally.count("entries", len(page.entries))
                after, more = page.head, page.more and page.head > after
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, msgspec.MsgspecError) as error:
        return skipped(_RULE, f"{url} does not answer ({type(error).__name__})")
    return tally.finding()


async def _ask(session: aiohttp.ClientSession, heads: Heads, url: str, after: int) -> Page:
    async with session.get(
        url + PULL_PATH,
        params={"after": str(after), "verifier": "check"},
        headers={"Authorization": aiohttp.encode_basic_auth("operator", heads.operator_secret.reveal())},
        timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS),
        raise_for_status=True,
    ) as answer:
        return msgspec.json.decode(await answer.read(), type=Page)


async def _compare(token: Connection, after: int, page: Page, tally: Tally) -> None:
    state = await token.fetchrow("SELECT last_number, restore_id, salt FROM feed_state")
    assert state is not None  # noqa: S101 - a migration wrote the one row
    if page.head > state["last_number"]:
        tally.broke(f"head {page.head}: the last number ever given is {state['last_number']}")
    if page.epoch.partition(".")[0] != state["restore_id"] or page.salt != state["salt"].hex():
        tally.broke(f"epoch {page.epoch[:80]}: the database is of {state['restore_id']}, or has another salt")
        return
    rows = await token.fetch(_ROWS, max(after, page.horizon), page.head)
    salt: bytes = state["salt"]
    held = [(row["number"], row["kind"], mark(salt, row["kind"], row["key"]).hex(), row["value"]) for row in rows]
    told = [(entry.number, entry.kind, entry.key, entry.value) for entry in page.entries]
    for ours, theirs in zip_longest(held, told):
        if ours != theirs:
            tally.broke(f"entry {(theirs or ours)[0]}: it is told as {theirs}, and held as {ours}")
            return  # all that follow are out of step, too
