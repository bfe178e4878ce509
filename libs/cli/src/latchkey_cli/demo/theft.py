"""What happens when somebody stole a refresh token."""

import msgspec

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App
from latchkey_cli.demo.dying import Doors
from latchkey_cli.demo.story import Stopwatch, chapter, require, say


async def tell(app: App, resources: tuple[str, ...], doors: Doors, carly: Browser) -> None:
    chapter("sync-demo is an ordinary client: strict. Somebody copied one of its refresh tokens.")
    first = await app.connect(carly, resources=resources)
    status, body = await app.refresh(first.refresh_token)
    require(status == 200, f"the refresh was refused: {status}")
    second = msgspec.convert(body, type(first))
    await doors.open_to(second)
    say("It refreshed; the new access token works at REST and at MCP.")
    status, refused = await app.refresh(first.refresh_token)
    require((status, refused.get("error")) == (400, "invalid_grant"), f"the old token was not refused: {status}")
    rest, mcp = await doors.shut_each(second, Stopwatch())
    say("The thief shows the old one: invalid_grant, and the whole family dies.")
    say(f"The access token was refused {rest:.1f} ms later at REST, {mcp:.1f} ms later at MCP.")
    status, _ = await app.refresh(second.refresh_token)
    require(status == 400, "the newest refresh token survived")
    say("The newest refresh token is dead, too. The user has to say yes again.")
