"""A token service as in production, with its heads, on PostgreSQL and NATS of its own."""

import base64
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import machine
import neighbours

from latchkey_embedded import Nats, Postgres, free_port
from latchkey_embedded.probe import http_answer, until
from latchkey_kit import db
from latchkey_kit.db import Database
from latchkey_kit.messaging import stream
from latchkey_kit.requests import Peer

ORIGIN = "http://127.0.0.1"
CALLERS = ("auth", "client-registry", "permissions", "edge", "token", "records", "audit")
MASTER_KEY = base64.b64encode(bytes(range(32))).decode()
_DATABASE = "latchkey_token"
STREAM = Path(__file__).parents[2] / "deploy" / "nats" / "stream.toml"


@dataclass
class Process:
    """A process of ours on its own cores."""

    child: subprocess.Popen[bytes]
    port: int
    internal_port: int = 0
    admin_port: int = 0
    log: Path = Path(os.devnull)

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def internal_url(self) -> str:
        return f"http://127.0.0.1:{self.internal_port}"

    @property
    def pid(self) -> int:
        return self.child.pid


@dataclass
class House:
    folder: Path
    postgres: Postgres
    nats: Nats
    token: Process
    heads: Process
    database: Database
    http: aiohttp.ClientSession
    neighbours_url: str

    def peer(self, caller: str) -> Peer:
        """The token service's internal port, as another service asks it."""
        return Peer(self.http, self.token.internal_url, caller, credential(caller), timeout=30)

    async def sql(self, statement: str, *values: object) -> list[asyncpg.Record]:
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *values)


def credential(caller: str) -> str:
    return f"{caller}-of-the-bench"


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[House]:
    """Run it all for the time of the block."""
    os.sched_setaffinity(0, machine.PARTS)  # what is started inherits it
    with folder_of_ours() as folder, contextlib.ExitStack() as processes:
        async with (
            neighbours.answering() as neighbours_url,
            Postgres(folder / "postgres", settings={"track_commit_timestamp": "on"}) as postgres,
            Nats(folder / "nats") as nats,
        ):
            await stream.provide(nats.url, "", "", stream.read(STREAM))
            await create_database(postgres, _DATABASE)
            environ = _environ(postgres, nats, neighbours_url)
            heads = processes.enter_context(started("heads", environ, folder, machine.PARTS))
            token_environ = environ | {"HEADS_URLS": heads.internal_url, "MIGRATE_ON_START": "true"}
            token = processes.enter_context(started("serve", token_environ, folder, machine.SERVER))
            for process in (token, heads):
                await ready(process)
            async with (
                db.connect(postgres.dsn(_DATABASE), application="bench") as database,
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
            ):
                yield House(folder, postgres, nats, token, heads, database, http, neighbours_url)


@contextlib.contextmanager
def folder_of_ours() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL may run as another user
        yield folder


@contextlib.contextmanager
def started(
    verb: str, environ: dict[str, str], folder: Path, cores: list[int], service: str = "token"
) -> Iterator[Process]:
    """Run `latchkey-<service> <verb>` for the time of the block."""
    ports = [free_port() for _ in range(3)]
    named = dict(zip(("PORT", "INTERNAL_PORT", "ADMIN_PORT"), map(str, ports), strict=True))
    command = [Path(sys.executable).with_name(f"latchkey-{service}"), verb]
    log = folder / f"{service}-{verb}.log"
    with pinned(command, cores, environ | named, log) as child:
        yield Process(child, *ports, log)


@contextlib.contextmanager
def pinned(
    command: list[str | Path], cores: list[int], environ: dict[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on these cores for the time of the block."""
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else None
        child = subprocess.Popen(command, env=environ, stdout=output, stderr=output)  # noqa: S603 (ours)
        os.sched_setaffinity(child.pid, cores)
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


async def create_database(postgres: Postgres, name: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def _environ(postgres: Postgres, nats: Nats, neighbours_url: str) -> dict[str, str]:
    callers = {name: hashlib.sha256(credential(name).encode()).hexdigest() for name in CALLERS}
    return dict(os.environ) | {
        "ORIGIN": ORIGIN,
        "LOCAL_MODE": "true",
        "INTERNAL_CALLERS": json.dumps(callers),
        "INTERNAL_SECRET": credential("token"),
        "DATABASE_URL": postgres.dsn(_DATABASE),
        "NATS_URL": nats.url,
        "MASTER_KEY": MASTER_KEY,
        "CLIENT_REGISTRY_URL": neighbours_url,
        "PERMISSIONS_URL": neighbours_url,
        "AUTH_URL": neighbours_url,
        "CODE_LIFETIME": "3600",  # they are made before the clock starts
    }


async def until_it_listens(process: Process) -> None:
    """Wait until something answers at a process's port."""

    async def answers() -> bool:
        return await http_answer(process.port, "/") is not None

    if not await until(answers, seconds=30):
        raise RuntimeError(f"{process.child.args} does not listen")


async def ready(process: Process) -> None:
    async def answers() -> bool:
        if process.child.poll() is not None:
            raise RuntimeError(f"{process.child.args} ended: {process.log.read_text()[-2000:]}")
        answer = await http_answer(process.admin_port, "/readyz")
        return answer is not None and answer[0] == 200

    if not await until(answers, seconds=60):
        raise RuntimeError(f"{process.child.args} is not ready")
