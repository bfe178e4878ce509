"""`/livez`: the process answers. `/readyz`: it can do its work; 503 names what is missing. `/metrics`: in numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from latchkey_kit.telemetry import metrics
from latchkey_kit.web.bodies import answer
from latchkey_kit.web.routes import Family, Route

Check = Callable[[], Awaitable[str | None]]
"""Returns ``None`` when all is well, else one sentence."""
_SLOWEST: Final = 2.0
"""Seconds for one check; whoever asks does not wait for ever either."""


class Health:
    """Liveness and readiness of one service.

    It can answer before there is anything to check: until ``started`` the process is what is missing.
    """

    def __init__(self) -> None:
        self._checks: Mapping[str, Check] | None = None
        self._waiting = "starting"
        self.stopping = False

    def waiting(self, sentence: str) -> None:
        """Say what the start waits for, in one sentence."""
        self._waiting = sentence

    def started(self, checks: Mapping[str, Check]) -> None:
        """From now on, readiness is what the checks say; the mapping may still grow."""
        self._checks = checks

    async def states(self) -> dict[str, str | None]:
        """Everything that is checked: name → what is wrong in one sentence, ``None`` when all is well."""
        if self._checks is None:
            return {"process": "stopping" if self.stopping else self._waiting}
        names = tuple(self._checks)
        problems = await asyncio.gather(*(_ask(self._checks[name]) for name in names))
        process = {"process": "stopping" if self.stopping else None}
        return process | dict(zip(names, problems, strict=True))

    async def missing(self) -> dict[str, str]:
        """What keeps it from its work now: name → one sentence; empty when it is ready."""
        return {name: problem for name, problem in (await self.states()).items() if problem is not None}

    async def livez(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readyz(self, request: web.Request) -> web.Response:
        """JSON of what is missing; with ``?verbose``, a line of text for everything that is checked."""
        states = await self.states()
        missing = {name: problem for name, problem in states.items() if problem is not None}
        status = 503 if missing else 200
        if "verbose" in request.query:
            return web.Response(status=status, text=_in_words(states), headers={"Cache-Control": "no-store"})
        return answer({"ready": not missing, "missing": missing}, status)

    async def numbers(self, _request: web.Request) -> web.Response:
        """Every metric of the process, for Prometheus."""
        states = await self.states()
        metrics.ready.clear()
        for name, problem in states.items():
            metrics.ready.labels(name).set(problem is None)
        return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/livez", self.livez, Family.API),
            Route("GET", "/readyz", self.readyz, Family.API),
            Route("GET", "/metrics", self.numbers, Family.API),
        ]


def until_first_well(check: Check) -> Check:
    """Make a check of the start only: once it was well, it stays so, for what the process is mostly there for."""
    was_well = False

    async def once() -> str | None:
        nonlocal was_well
        problem = None if was_well else await check()
        was_well = problem is None
        return problem

    return once


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(_SLOWEST):
            return await check()
    except TimeoutError:
        return f"no answer within {_SLOWEST:g} s"
    except Exception as error:  # noqa: BLE001 - a check that fails is an answer
        return f"the check failed: {type(error).__name__}"


def _in_words(states: Mapping[str, str | None]) -> str:
    lines = [
        f"[+] {name}: ok" if problem is None else f"[-] {name}: {' '.join(problem.split())}"
        for name, problem in states.items()
    ]
    lines.append("not ready" if any(states.values()) else "ready")
    return "\n".join(lines) + "\n"
