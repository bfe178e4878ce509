"""What enforcement costs a request to records.

The same requests, over HTTP and from a real PostgreSQL, once as they are served and once with constants in the places
of rights, reach and fields: `python tests/bench/enforcement.py`. Both check the token and read the same parameters.
"""

import asyncio
import contextlib
import logging
import os
import platform
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import aiohttp
import asyncpg
import structlog
from aiohttp import web

from latchkey_contracts.requests.permissions import Rights
from latchkey_embedded import free_port
from latchkey_kit.clock import SystemClock
from latchkey_kit.db import Database, connect
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.migrate import migrate
from latchkey_kit.opening import Peers
from latchkey_kit.testing import parts
from latchkey_kit.web.application import application
from latchkey_kit.web.bodies import answer
from latchkey_kit.web.routes import api
from latchkey_records.domain import cursor, parameters
from latchkey_records.domain.catalogue import COMPANY
from latchkey_records.domain.etag import etag
from latchkey_records.domain.portfolio import Reach
from latchkey_records.handlers.door import Door
from latchkey_records.handlers.query import parameters_of
from latchkey_records.handlers.rest import Rest
from latchkey_records.operations import Operations
from latchkey_records.store import records
from latchkey_verify import Verifier, VerifierSettings, verifying
from latchkey_verify.connecting import heads_of
from latchkey_verify.testing import TENANT, USER, Issuer, Owners, rights
from latchkey_verify.web import Guard

ORIGIN = "https://api.latchkey.test"
AUDIENCE = f"{ORIGIN}/v1"
COMPANIES = 2000
ON_A_LIST, ON_ONE = "enforcement on a list", "enforcement on one record"
ROUNDS = 1000
WARM_UP = 40
# A team of five owns every fourth company; the fields are all but two, so that nothing takes a short cut.
TEAM = (USER, *(digit * 32 for digit in "6789"))
NARROW = {"company": {"view": {"except": ["description", "arr"]}}}
SHOWN = tuple(field for field in COMPANY.fields if field.name not in {"description", "arr"})
FILL = """
INSERT INTO company (tenant_id, id, name, owner_id, city, arr)
SELECT $1, lpad(to_hex(n), 32, '0')::uuid, 'Company ' || n, CASE WHEN n % 4 = 0 THEN ($2::uuid[])[1 + n / 4 % 5] END,
       'Oslo', n FROM generate_series(1, $3::integer) AS n
"""


class Figure(NamedTuple):
    name: str
    value: float
    unit: str


class Constants:
    """The requests of `Rest` without rights, reach and fields being asked for."""

    def __init__(self, database: Database, verifier: Verifier, guard: Guard) -> None:
        self._database = database
        self._verifier = verifier
        self._guard = guard
        self._reach = Reach(tenant=TENANT)

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._guard.bearer(request)
        asked = parameters.read_page(COMPANY, parameters_of(request, COMPANY), SHOWN, bearer.user)
        async with self._database.connection() as connection:
            found = await records.page(connection, COMPANY, self._reach, SHOWN, asked)
        self._verifier.confirm(bearer)
        place = found.place
        more = cursor.write(COMPANY.name, (), place.values, place.record) if place else None
        return answer({"data": found.records, "next_cursor": more})

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._guard.bearer(request)
        record = parameters.read_id({"id": request.match_info["id"]})
        async with self._database.connection() as connection:
            found = await records.get(connection, COMPANY, self._reach, SHOWN, record)
        self._verifier.confirm(bearer)
        assert found is not None
        return answer(found, headers={"ETag": f'"{etag(found)}"'})


def measure() -> list[tuple[str, float, str]]:
    """Give what was measured: name, value and unit. The last two are the shares that enforcement has, in percent."""
    return [(one.name, one.value, one.unit) for one in asyncio.run(_measured())]


async def _measured() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with _serving() as (origin, headers), aiohttp.ClientSession(origin, headers=headers) as http:

        async def ask(path: str) -> float:
            """Give the milliseconds of a request."""
            begun = time.perf_counter()
            async with http.get(path) as got:
                await got.read()
            assert got.status == 200
            return (time.perf_counter() - begun) * 1000

        lists = await _compare(ask, "/v1/companies?limit=50", "/constants/companies?limit=50")
        gets = await _compare(ask, f"/v1/companies/{4:032x}", f"/constants/companies/{4:032x}")
    return [
        Figure("list of 50 companies", lists.plain + lists.more, "ms"),
        Figure("list of 50 companies, with constants", lists.plain, "ms"),
        Figure("one company", gets.plain + gets.more, "ms"),
        Figure("one company, with constants", gets.plain, "ms"),
        Figure(ON_A_LIST, 100 * lists.more / lists.plain, "%"),
        Figure(ON_ONE, 100 * gets.more / gets.plain, "%"),
    ]


class Compared(NamedTuple):
    """Milliseconds: the median with constants, and the median of what enforcement takes besides."""

    plain: float
    more: float


async def _compare(ask: Callable[[str], Awaitable[float]], enforced: str, constant: str) -> Compared:
    """Ask in pairs, so that whatever else the machine does falls on both, and take turns at being first."""
    plain, more = [], []
    for turn in range(WARM_UP + ROUNDS):
        took = {path: await ask(path) for path in ((enforced, constant) if turn % 2 else (constant, enforced))}
        if turn >= WARM_UP:
            plain.append(took[constant])
            more.append(took[enforced] - took[constant])
    return Compared(statistics.median(plain), statistics.median(more))


@contextlib.asynccontextmanager
async def _serving() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Serve both on one port; gives its address, and what to send with every request."""
    clock, entropy = SystemClock(), SystemEntropy()
    issuer = Issuer(ORIGIN, AUDIENCE, clock)
    owners = Owners(issuer)
    owners.rights = _rights()
    settings = VerifierSettings(issuer=ORIGIN, audiences=(AUDIENCE,), name="records")
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url = await enter(parts.postgres())
        await _fill(url)
        database = await enter(connect(url))
        await enter(owners.serving())
        peers = Peers(await enter(aiohttp.ClientSession()), "records", "secret")
        heads = heads_of(peers, owners.url)
        stack.push_async_callback(heads.close)
        verifier = await enter(verifying(settings, heads, peers.at(owners.url), None, clock))
        await verifier.ready()
        guard = Guard.of(verifier, AUDIENCE)
        operations = Operations(database, Outbox("records", clock, entropy), verifier, clock, entropy)
        rest, constants = Rest(COMPANY, operations, Door(verifier, guard)), Constants(database, verifier, guard)
        routes = [
            api("GET", "/v1/companies", rest.list),
            api("GET", "/v1/companies/{id}", rest.get),
            api("GET", "/constants/companies", constants.list),
            api("GET", "/constants/companies/{id}", constants.get),
        ]
        runner = web.AppRunner(application(routes, clock, entropy), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {issuer.mint()}"}


def _rights() -> Rights:
    made = rights(NARROW, NARROW, NARROW, portfolios=("team", "team"))
    return Rights(
        document=made.document, ceiling=made.ceiling, role=made.role, assignment=1, portfolio="team", team=TEAM
    )


async def _fill(url: str) -> None:
    await migrate(url, ("latchkey_kit", "latchkey_records"))
    connection = await asyncpg.connect(url)
    await connection.execute(FILL, TENANT, list(TEAM), COMPANIES)
    await connection.execute("ANALYZE")
    await connection.close()


def main() -> None:
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    for name, value, unit in measure():
        print(f"{name:42} {value:8.2f} {unit}")


if __name__ == "__main__":
    main()
