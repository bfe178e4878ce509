"""Watching access tokens die: at REST and at MCP, from outside."""

import asyncio
from typing import Any

import aiohttp
import msgspec

from latchkey_cli.demo.client import Tokens, call
from latchkey_cli.demo.story import Stopwatch, require

_LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
_GIVE_UP = 5_000  # milliseconds


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """Where a bearer may knock."""

    session: aiohttp.ClientSession
    rest_url: str
    mcp_url: str

    async def open_to(self, *everybody: Tokens) -> None:
        """Require that each is let in at both doors."""
        for tokens in everybody:
            for method, url, body in self._both():
                status, _ = await call(self.session, method, url, tokens.access_token, body)
                require(status == 200, f"{url} does not take the access token: {status}")

    async def shut_to(self, tokens: Tokens, watch: Stopwatch) -> float:
        """Milliseconds until both doors have refused, knocking without a pause."""
        return max(await self.shut_each(tokens, watch))

    async def shut_each(self, tokens: Tokens, watch: Stopwatch) -> list[float]:
        """The same for REST and MCP apart."""
        return list(await asyncio.gather(*(self._refused(*door, tokens, watch) for door in self._both())))

    def _both(self) -> tuple[tuple[str, str, dict[str, Any] | None], ...]:
        return (("GET", self.rest_url, None), ("POST", self.mcp_url, _LIST_TOOLS))

    async def _refused(
        self, method: str, url: str, body: dict[str, Any] | None, tokens: Tokens, watch: Stopwatch
    ) -> float:
        while watch.milliseconds() < _GIVE_UP:
            status, _ = await call(self.session, method, url, tokens.access_token, body)
            if status == 401:
                return watch.milliseconds()
            require(status == 200, f"{url} answered {status}")
        require(holds=False, what=f"{url} still takes the access token")
        return 0
