"""PostgreSQL and NATS for a test run: containers where a Docker engine answers, else from wheels."""

import contextlib
import functools
import gc
import warnings
from collections.abc import AsyncIterator

import asyncpg
import nats

from latchkey_embedded import Nats, Postgres
from latchkey_kit.testing.folders import folder
from latchkey_kit.testing.waiting import eventually

_POSTGRES_IMAGE = "postgres:18"
_NATS_IMAGE = "nats:2.15"
_STARTING = 60.0
# A test database is thrown away, so it need not survive a power cut.
_QUICK = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB"}


@functools.cache
def docker_answers() -> bool:
    """Whether a Docker engine is there; asked once, and given one second."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client leaves its socket open when nobody answers
        try:
            import docker  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs; slow and mostly not needed

            with contextlib.closing(docker.from_env(timeout=1)) as client:
                return bool(client.ping())
        except Exception:  # noqa: BLE001 - whatever is wrong with it, there are wheels
            return False
        finally:
            gc.collect()


@contextlib.asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run PostgreSQL; yields the address of the superuser."""
    if docker_answers():
        async with _container(_POSTGRES_IMAGE, 5432, env={"POSTGRES_PASSWORD": "postgres"}) as address:
            url = f"postgresql://postgres:postgres@{address}/postgres"
            await eventually(functools.partial(_postgres_answers, url), _STARTING)
            yield url
        return
    with folder() as place:
        async with Postgres(place / "postgres", settings=_QUICK) as server:
            yield server.dsn()


@contextlib.asynccontextmanager
async def nats_server() -> AsyncIterator[str]:
    """Run NATS with JetStream, open to all; yields its address."""
    if docker_answers():
        async with _container(_NATS_IMAGE, 4222, command="--jetstream") as address:
            url = f"nats://{address}"
            await eventually(functools.partial(_nats_answers, url), _STARTING)
            yield url
        return
    with folder() as place:
        async with Nats(place / "nats") as server:
            yield server.url


@contextlib.asynccontextmanager
async def _container(
    image: str, port: int, *, command: str = "", env: dict[str, str] | None = None
) -> AsyncIterator[str]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - as in docker_answers

    container = DockerContainer(image).with_exposed_ports(port)
    if command:
        container.with_command(command)
    for name, value in (env or {}).items():
        container.with_env(name, value)
    with container:
        yield f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


async def _postgres_answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=2)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


async def _nats_answers(url: str) -> bool:
    try:
        client = await nats.connect(url, allow_reconnect=False, connect_timeout=1)
    except (OSError, TimeoutError, nats.errors.Error):
        return False
    await client.close()
    return True
