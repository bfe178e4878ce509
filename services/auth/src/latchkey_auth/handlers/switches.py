"""What the operator's command bars, lifts and limits."""

from aiohttp import web

from latchkey_auth.domain.people import folded_email
from latchkey_auth.turning.accounts import Accounts
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, UserSwitch
from latchkey_kit.web.bodies import answer, json_body


class Switches:
    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def user(self, request: web.Request) -> web.Response:
        asked = await json_body(request, UserSwitch)
        return answer(await self._accounts.switch_user(folded_email(asked.email), disabled=asked.disabled))

    async def tenant(self, request: web.Request) -> web.Response:
        asked = await json_body(request, TenantSwitch)
        return answer(await self._accounts.switch_tenant(asked.name, off_boarded=asked.off_boarded))

    async def limit(self, request: web.Request) -> web.Response:
        return answer(await self._accounts.limit(await json_body(request, TenantLimit)))
