"""`/livez`: the process answers. `/readyz`: it can do its work; 503 names what is missing."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from latchkey_kit.web.bodies import answer
from latchkey_kit.web.routes import Family, Route

Check = Callable[[], Awaitable[str | None]]
"""Returns ``None`` when all is well, else one sentence."""


class Health:
    """Liveness and readiness of one service."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.stopping = False

    async def livez(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def missing(self) -> dict[str, str]:
        """What keeps it from its work now: name → one sentence; empty when it is ready."""
        missing = {"process": "stopping"} if self.stopping else {}
        for name, check in self._checks.items():
            try:
                problem = await check()
            except Exception as error:  # noqa: BLE001 - a check that fails is an answer
                problem = type(error).__name__
            if problem is not None:
                missing[name] = problem
        return missing

    async def readyz(self, _request: web.Request) -> web.Response:
        missing = await self.missing()
        return answer({"ready": not missing, "missing": missing}, 503 if missing else 200)

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/livez", self.livez, Family.API),
            Route("GET", "/readyz", self.readyz, Family.API),
        ]
