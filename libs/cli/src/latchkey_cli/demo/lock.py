"""Changing the lock: a user parts from an app, and an admin gives a client a new secret."""

import asyncio
from typing import Any

import aiohttp
import msgspec

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials, Tokens, call
from latchkey_cli.demo.dying import Doors
from latchkey_cli.demo.story import Stopwatch, chapter, require, say


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """``doors``: where access tokens are tried. ``admin``: the tokens of the admin's command line."""

    session: aiohttp.ClientSession
    origin: str
    doors: Doors
    admin: Tokens


async def tell(cast: Cast, made: Credentials, carly: Browser, sam: Browser) -> None:
    app = App(cast.session, cast.origin, made)
    both = (f"{cast.origin}/v1", cast.doors.mcp_url)
    chapter("Carly connects her assistant on two machines, and Sam connects it, too.")
    desk, laptop, his = [await app.connect(person, resources=both) for person in (carly, carly, sam)]
    await cast.doors.open_to(desk, laptop, his)
    say("Three connections, three families of tokens. All of them work.")
    await _disconnect(cast, app, made, desk, laptop, his)
    await _regenerate(cast, app, made, his, sam)


async def _disconnect(cast: Cast, app: App, made: Credentials, desk: Tokens, laptop: Tokens, his: Tokens) -> None:
    chapter("Carly disconnects the app: DELETE /v1/connections?client=…&user=…")
    carly = await _user_of(cast, made, desk)
    path = f"{cast.origin}/v1/connections?client={made.client_id}&user={carly}"
    watch = Stopwatch()
    status, answer = await call(cast.session, "DELETE", path, cast.admin.access_token)
    require(status == 200, f"the connections were not cut: {status} {answer}")
    answered = watch.milliseconds()
    dead = await asyncio.gather(cast.doors.shut_to(desk, watch), cast.doors.shut_to(laptop, watch))
    say(f"Answered after {answered:.1f} ms. Both machines were out {max(dead):.1f} ms after she asked, REST and MCP.")
    for tokens in (desk, laptop):
        require((await app.refresh(tokens.refresh_token))[0] == 400, "a refresh token survived the Disconnect")
    await cast.doors.open_to(his)
    say("Their refresh tokens are dead, too. Sam noticed nothing.")


async def _user_of(cast: Cast, made: Credentials, tokens: Tokens) -> str:
    """The user of a connection, as the admin's list shows it: the first of two by the same one."""
    path = f"{cast.origin}/v1/connections?client={made.client_id}&limit=100"
    status, found = await call(cast.session, "GET", path, cast.admin.access_token)
    require(status == 200, f"the connections were not listed: {status}")
    mine = [one["user"] for one in found["data"] if one["id"] == tokens.connection]
    require(mine, "the new connection is not in the list")
    return str(mine[0])


async def _regenerate(cast: Cast, app: App, made: Credentials, his: Tokens, sam: Browser) -> None:
    chapter("The secret may have leaked. Carly regenerates it: POST /v1/oauth-clients/{id}/regenerate")
    watch = Stopwatch()
    path = f"{cast.origin}/v1/oauth-clients/{made.client_id}/regenerate"
    status, answer = await call(cast.session, "POST", path, cast.admin.access_token)
    require(status == 200, f"the secret was not regenerated: {status} {answer}")
    answered = watch.milliseconds()
    dead = await cast.doors.shut_to(his, watch)
    say(f"Answered after {answered:.1f} ms with a new secret ({answer['client_secret'][:10]}…), shown this once.")
    say(f"Every connection of the app was dead after {dead:.1f} ms; that would cost the same for a million of them.")
    status, refused = await app.refresh(his.refresh_token)
    require((status, refused["error"]) == (401, "invalid_client"), f"the old secret still works: {status} {refused}")
    say("The old secret is refused: invalid_client.")
    await _back_again(cast, Credentials(client_id=made.client_id, client_secret=answer["client_secret"]), his, sam)


async def _back_again(cast: Cast, renewed: Credentials, his: Tokens, sam: Browser) -> None:
    app = App(cast.session, cast.origin, renewed)
    status, refused = await app.refresh(his.refresh_token)
    require((status, refused["error"]) == (400, "invalid_grant"), f"a dead family came back: {status} {refused}")
    again = await app.connect(sam, resources=(f"{cast.origin}/v1", cast.doors.mcp_url))
    await cast.doors.open_to(again)
    say("The new one opens nothing that was dead. Sam says yes once more, and works on.")
    await _in_force(cast, his)


async def _in_force(cast: Cast, his: Tokens) -> None:
    path = f"{cast.origin}/v1/connections/{his.connection}"
    watch = Stopwatch()
    shown: dict[str, Any] = {}
    while not shown.get("effective_at"):
        require(watch.milliseconds() < 10_000, "nobody knows when the cut was in force everywhere")
        _, shown = await call(cast.session, "GET", path, cast.admin.access_token)
    say(
        f"GET /v1/connections/{{id}} tells of his old one: {shown['status']}, {shown['revoked_reason']}, "
        f"cut {shown['revoked_at'][11:23]}, in force at every verifier by {shown['effective_at'][11:23]}."
    )
