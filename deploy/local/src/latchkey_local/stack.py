"""The whole stack: what is started after what, and how it is taken down."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from latchkey_embedded import Postgres
from latchkey_kit.tasks import alongside
from latchkey_local import bus, environment, gateway, streams
from latchkey_local.addresses import Addresses
from latchkey_local.brought import Brought
from latchkey_local.credentials import Credentials
from latchkey_local.files import write_json
from latchkey_local.home import Home
from latchkey_local.keeper import FIRST_ATTEMPTS, bring_up, keep, keep_healthy
from latchkey_local.migration import migrate
from latchkey_local.parts import Part, ServicePart
from latchkey_local.seeding import seed
from latchkey_local.services import Instance
from latchkey_local.state import READY, STOPPED, STOPPING, Board


class Stack:
    """Every part, in the order in which they stop: nobody is left asking somebody who is gone."""

    def __init__(
        self, home: Home, addresses: Addresses, credentials: Credentials, brought: Brought, environ: Mapping[str, str]
    ) -> None:
        self._home, self._addresses, self._credentials, self._environ = home, addresses, credentials, environ
        self._brought = brought
        self._postgres = None if brought.database_url else Postgres(home.postgres, password=credentials.postgres)
        self._nats = None if brought.nats_url else bus.server(home, addresses, credentials)
        self._streams = streams.server(home, addresses, credentials)
        self._gateway = gateway.server(home, addresses)
        self._services: dict[str, Part] = {}

    async def run(self, board: Board) -> None:
        """Bring everything up, keep it up, and take it down when cancelled or when a start fails."""
        async with self._taken_down(board):
            await self._bring_up(board)
            write_json(self._home.stack, self._description())
            await seed(self._home, self._addresses, self._credentials, self._databases, self._brought)
            board.phase(READY)
            stream = bus.keep_stream(self._addresses, self._credentials, self._brought)
            async with alongside(stream), asyncio.TaskGroup() as keepers:
                for name, part in self._parts().items():
                    keepers.create_task(keep(name, part, board))
                keepers.create_task(keep_healthy("streams", self._streams))
                if self._nats is not None:
                    keepers.create_task(keep_healthy("nats", self._nats))

    def _parts(self) -> dict[str, Part]:
        own: dict[str, Part | None] = {"nats": self._nats, "postgres": self._postgres}
        started = {name: part for name, part in own.items() if part is not None}
        return {"gateway": self._gateway, **self._services, "streams": self._streams, **started}

    async def _bring_up(self, board: Board) -> None:
        """Start everything at once; only who has a database waits for PostgreSQL, and nobody for anybody else."""
        async with asyncio.TaskGroup() as start:
            start.create_task(bring_up("gateway", self._gateway, board))
            start.create_task(self._nats_with_stream(board))
            start.create_task(bring_up("streams", self._streams, board, attempts=FIRST_ATTEMPTS))
            start.create_task(self._services_up(board, database=False))
            start.create_task(self._postgres_and_its_services(board))

    async def _nats_with_stream(self, board: Board) -> None:
        if self._nats is not None:
            await bring_up("nats", self._nats, board)
        await bus.provide(self._addresses, self._credentials, self._brought)

    async def _postgres_and_its_services(self, board: Board) -> None:
        if self._postgres is not None:
            await bring_up("postgres", self._postgres, board)
        from latchkey_local import databases  # noqa: PLC0415 (as in bus: imported while others start)

        await databases.provide(self._databases, self._credentials, self._brought)
        async with asyncio.TaskGroup() as start:
            start.create_task(self._migrated())
            start.create_task(self._services_up(board, database=True))

    async def _migrated(self) -> None:
        """Bring the databases to this release that their services may not. Each waits for that by itself."""
        for instance in self._addresses.instances:
            if instance.service.kept and instance.number == 1:
                env = environment.of_migration(instance, self._credentials, self._databases, self._told(instance))
                await migrate(instance.service, self._home, env)

    @property
    def _databases(self) -> Postgres | Brought:
        return self._brought if self._postgres is None else self._postgres

    async def _services_up(self, board: Board, *, database: bool) -> None:
        async with asyncio.TaskGroup() as start:
            for instance in self._addresses.instances:
                if instance.service.database == database:
                    part = self._service(instance)
                    start.create_task(bring_up(instance.name, part, board, attempts=FIRST_ATTEMPTS))

    def _service(self, instance: Instance) -> Part:
        self._services[instance.name] = part = ServicePart(instance, self._home, self._told(instance))
        return part

    def _told(self, instance: Instance) -> dict[str, str]:
        return environment.of_service(
            self._home, instance, self._addresses, self._credentials, self._databases, self._brought, self._environ
        )

    @contextlib.asynccontextmanager
    async def _taken_down(self, board: Board) -> AsyncIterator[None]:
        try:
            yield
        finally:
            board.phase(STOPPING)
            await self._gateway.stop()
            await asyncio.gather(*(part.stop() for part in self._services.values()))
            await asyncio.gather(
                *(part.stop() for part in (self._streams, self._nats, self._postgres) if part is not None)
            )
            for name in self._parts():
                board.part(name, STOPPED)

    def _description(self) -> dict[str, Any]:
        origin = self._addresses.origin
        return {
            "origin": origin,
            "issuer": origin,
            "mcp_url": f"{origin}/v1/mcp",
            "nats_url": self._addresses.nats_url,
            "streams_url": self._addresses.streams_url,
            "postgres_socket_folder": str(self._postgres.socket_folder) if self._postgres else None,
            "port": self._addresses.port,
            "ports": self._addresses.ports,
            **{name.lower(): url for name, url in self._addresses.peer_urls().items()},
            **{name.lower(): url for name, url in self._addresses.admin_urls().items()},
        }
