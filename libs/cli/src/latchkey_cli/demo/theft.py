"""What happens when somebody stole a refresh token."""

import asyncio
from typing import Any

import aiohttp

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials, call
from latchkey_cli.demo.story import Stopwatch, chapter, require, say

_LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
_GIVE_UP = 5_000  # milliseconds


async def tell(
    session: aiohttp.ClientSession, origin: str, mcp_url: str, credentials: Credentials, carly: Browser
) -> None:
    chapter("sync-demo is an ordinary client: strict. Somebody copied one of its refresh tokens.")
    app = App(session, origin, credentials)
    first = await app.connect(carly, resources=(f"{origin}/v1", mcp_url))
    status, second = await app.refresh(first.refresh_token)
    require(status == 200, f"the refresh was refused: {status}")
    access = second["access_token"]
    rest, mcp = f"{origin}/v1/companies?limit=1", mcp_url
    require((await call(session, "GET", rest, access))[0] == 200, "REST does not take the new access token")
    require((await call(session, "POST", mcp, access, _LIST_TOOLS))[0] == 200, "MCP does not take it")
    say("It refreshed; the new access token works at REST and at MCP.")
    status, refused = await app.refresh(first.refresh_token)
    require((status, refused.get("error")) == (400, "invalid_grant"), f"the old token was not refused: {status}")
    watch = Stopwatch()
    dead = await asyncio.gather(
        _until_refused(session, "GET", rest, access, None, watch),
        _until_refused(session, "POST", mcp, access, _LIST_TOOLS, watch),
    )
    say("The thief shows the old one: invalid_grant, and the whole family dies.")
    say(f"The access token was refused {dead[0]:.1f} ms later at REST, {dead[1]:.1f} ms later at MCP.")
    status, _ = await app.refresh(second["refresh_token"])
    require(status == 400, "the newest refresh token survived")
    say("The newest refresh token is dead, too. The user has to say yes again.")


async def _until_refused(
    session: aiohttp.ClientSession, method: str, url: str, token: str, body: dict[str, Any] | None, watch: Stopwatch
) -> float:
    """Milliseconds until the first refusal, asking without a pause."""
    while watch.milliseconds() < _GIVE_UP:
        status, _ = await call(session, method, url, token, body)
        if status == 401:
            return watch.milliseconds()
        require(status == 200, f"{url} answered {status}")
    require(holds=False, what=f"{url} still takes the access token")
    return 0
