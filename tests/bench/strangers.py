"""Does the time of an answer tell a thing of another tenant from one that never was? On a stack that is up.

``LATCHKEY_HOME=… .venv/bin/python tests/bench/strangers.py``: for each path the medians of both, asked in turns, and
their ratio beside that of two halves of the same: what is not further from 1 than noise tells nothing.
"""

import asyncio
import json
import statistics
import sys
import time

import aiohttp
import asyncpg

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials
from latchkey_cli.operator import home
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id

_ROUNDS = 400
_FOREIGN = (
    ("/v1/companies/{}", "RECORDS", "SELECT id FROM company WHERE tenant_id <> $1 LIMIT 1"),
    ("/v1/roles/{}", "PERMISSIONS", "SELECT id FROM role WHERE tenant_id <> $1 LIMIT 1"),
    ("/v1/members/{}", "AUTH", "SELECT app_user FROM membership WHERE tenant <> $1 LIMIT 1"),
    ("/v1/portfolios/{}", "AUTH", "SELECT app_user FROM membership WHERE tenant <> $1 LIMIT 1"),
)


async def _token(session: aiohttp.ClientSession, demo: dict[str, dict[str, dict[str, str]]], origin: str) -> str:
    known = demo["clients"]["admin-cli"]
    app = App(session, origin, Credentials(client_id=known["client_id"]))
    async with Browser("carly@acme.test", demo["users"]["carly@acme.test"]["password"]) as carly:
        return (await app.connect(carly, resources=(f"{origin}/v1",))).access_token


async def _milliseconds(session: aiohttp.ClientSession, url: str) -> float:
    start = time.perf_counter()
    async with session.get(url) as response:
        await response.read()
    return (time.perf_counter() - start) * 1000


async def _compare(session: aiohttp.ClientSession, origin: str, path: str, foreign: str) -> None:
    times: dict[str, list[float]] = {"foreign": [], "unknown": [], "unknown too": []}
    clock, entropy = SystemClock(), SystemEntropy()
    ids = {"foreign": foreign, "unknown": new_id(clock, entropy), "unknown too": new_id(clock, entropy)}
    for _ in range(_ROUNDS):
        for kind, taken in times.items():
            taken.append(await _milliseconds(session, origin + path.format(ids[kind])))
    foreign_ms, unknown_ms, too_ms = (statistics.median(taken) for taken in times.values())
    sys.stdout.write(
        f"{path:22} another tenant's {foreign_ms:5.2f} ms, unknown {unknown_ms:5.2f} ms: "
        f"{foreign_ms / unknown_ms:.3f}; noise {too_ms / unknown_ms:.3f}\n"
    )


async def main() -> None:
    demo = json.loads((home() / "demo.json").read_text())
    databases = json.loads((home() / "operator.json").read_text())
    origin = demo["origin"]
    async with aiohttp.ClientSession() as bare:
        token = await _token(bare, demo, origin)
    auth = await asyncpg.connect(databases["AUTH_DATABASE_URL"])
    acme = await auth.fetchval("SELECT id FROM tenant WHERE name = 'acme'")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for path, service, question in _FOREIGN:
            database = await asyncpg.connect(databases[f"{service}_DATABASE_URL"])
            await _compare(session, origin, path, (await database.fetchval(question, acme)).hex)
            await database.close()
    await auth.close()


if __name__ == "__main__":
    asyncio.run(main())
