"""The story, chapter by chapter."""

import asyncio
import json

import aiohttp

from latchkey_cli.demo import assistant, lock, theft, trail
from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials, Tokens, call
from latchkey_cli.demo.dying import Doors
from latchkey_cli.demo.house import House, away, the_house
from latchkey_cli.demo.story import chapter, require, say, table
from latchkey_cli.demo_data.cast import LOOPBACK
from latchkey_kit.clock import SystemClock

_CARLY, _SAM = "carly@acme.test", "sam@acme.test"


async def run() -> None:
    """Tell everything; `CommandError` as soon as something is not as it should be."""
    there, started = the_house(), SystemClock().now()
    try:
        async with aiohttp.ClientSession() as session, there.browser(_CARLY) as carly, there.browser(_SAM) as sam:
            admin = await _management(session, there, carly)
            made = await _own_client(session, there, admin)
            await _assistant(session, there, made, carly)
            doors = Doors(session=session, rest_url=f"{there.origin}/v1/companies?limit=1", mcp_url=there.mcp_url)
            sync_demo = App(session, there.origin, there.client("sync-demo"))
            await theft.tell(sync_demo, (f"{there.origin}/v1", there.mcp_url), doors, carly)
            cast = lock.Cast(session=session, origin=there.origin, doors=doors, admin=admin)
            await lock.tell(cast, made, carly, sam)
            await trail.tell(session, there.origin, admin.access_token, started)
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise away(there, error) from None
    chapter("The end. Everything was as it should be.")


async def _management(session: aiohttp.ClientSession, house: House, carly: Browser) -> Tokens:
    chapter("Carly, an admin of acme, connects her command line (admin-cli: public, PKCE).")
    app = App(session, house.origin, house.client("admin-cli"))
    tokens = await app.connect(carly, resources=(f"{house.origin}/v1",))
    say(f"She signed in and chose Authorize. The token may: {_some(tokens.scope.split())}.")
    return tokens


def _some(words: list[str]) -> str:
    return ", ".join(words[:4]) + (f" and {len(words) - 4} more" if len(words) > 4 else "")


async def _own_client(session: aiohttp.ClientSession, house: House, admin: Tokens) -> Credentials:
    chapter("She makes an OAuth client for her AI assistant: POST /v1/oauth-clients.")
    wanted = {
        "name": "Carly's assistant",
        "preset": "claude",
        "redirect_uris": [LOOPBACK],
        "permissions": {"company": ["view", "update"], "task": ["view"]},
    }
    status, made = await call(session, "POST", f"{house.origin}/v1/oauth-clients", admin.access_token, wanted)
    require(status == 201, f"the client was not made: {status} {made}")
    require(made["client_secret"].startswith("lk_cs_"), "the secret has no typed prefix")
    say(f"Client {made['client_id']}; its secret is shown this once ({made['client_secret'][:10]}…).")
    status, again = await call(session, "GET", f"{house.origin}/v1/oauth-clients/{made['id']}", admin.access_token)
    require(status == 200 and "client_secret" not in again, "the secret was shown a second time")
    say(f"Asked again, the API knows only how the secret ends: …{again['secrets'][0]['ending']}.")
    return Credentials(client_id=made["client_id"], client_secret=made["client_secret"])


async def _assistant(session: aiohttp.ClientSession, house: House, made: Credentials, carly: Browser) -> None:
    chapter("The official Python MCP client connects to /v1/mcp as Carly.")
    async with assistant.connected(house.mcp_url, made, carly) as connected:
        actions = await connected.use("get_model_actions")
        offered = {
            model["model_route"]: [one["operation"] for one in model["operations"]] for model in actions["models"]
        }
        require(set(offered) == {"companies", "tasks"}, f"unexpected models: {json.dumps(offered)}")
        say(f"It found the way in by itself, and may: {json.dumps(offered)}")
        await _ask_for_companies(connected)
        await _refresh(connected)
        await _twin(App(session, house.origin, made), connected)


async def _ask_for_companies(connected: assistant.Assistant) -> None:
    say("“Which companies is Carly the owner of?”")
    found = await connected.use(
        "perform_model_action",
        model_route="companies",
        operation="list",
        parameters={"filter": {"owner": "me"}, "limit": 50},
    )
    companies = found["data"]
    require(len(companies) == 8, f"Carly owns 8 companies, not {len(companies)}")
    table([(one["name"], one["city"], one["phase"], f"{one['arr']:,} €") for one in companies])


async def _refresh(connected: assistant.Assistant) -> None:
    before = len(connected.memory.history)
    connected.forget_the_access_token()
    await connected.use("get_model_actions")
    require(len(connected.memory.history) == before + 1, "the MCP client did not refresh")
    say("An hour later it refreshes, without asking anybody: one refresh token in, the next one out.")


async def _twin(app: App, connected: assistant.Assistant) -> None:
    spent, current = connected.memory.history[-2:]
    answers = await asyncio.gather(app.refresh(spent), app.refresh(spent))
    same = {body.get("refresh_token") for status, body in answers if status == 200}
    require(same == {current}, "the twins did not get the same refresh token")
    say("Two twin processes show the spent token at once. The Claude preset answers both with the same new one.")
    await connected.use("get_model_actions")
    say("Nobody was logged out.")
