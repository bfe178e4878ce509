"""The audit service as in production, on PostgreSQL and NATS of its own, before stand-ins of those that it asks."""

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import machine
from house import MASTER_KEY, ORIGIN, STREAM, Process, create_database, credential, folder_of_ours, ready, started

from latchkey_embedded import Nats, Postgres
from latchkey_embedded.cluster import Cluster
from latchkey_kit.clock import SystemClock
from latchkey_kit.messaging import stream
from latchkey_kit.migrate import migrate
from latchkey_verify.testing import Issuer, Owners, rights

DATABASE = "latchkey_audit"
PACKAGES = ("latchkey_kit", "latchkey_audit")
POSTGRES = {"shared_buffers": "1GB", "effective_cache_size": "8GB", "max_wal_size": "4GB", "random_page_cost": "1.1"}
_MAY = {"auditlog": ["view", "export"]}


@dataclass
class AuditHouse:
    folder: Path
    postgres: Postgres
    nats: Nats
    issuer: Issuer
    environ: dict[str, str]

    @property
    def dsn(self) -> str:
        return self.postgres.dsn(DATABASE)

    @contextlib.asynccontextmanager
    async def serving(self, cores: list[int]) -> AsyncIterator[Process]:
        """Run the service for the time of the block."""
        with started("serve", self.environ, self.folder, cores, service="audit") as process:
            await ready(process)
            yield process


@contextlib.asynccontextmanager
async def audit_house() -> AsyncIterator[AuditHouse]:
    """Run all but the service itself, whose log is empty."""
    os.sched_setaffinity(0, machine.PARTS)  # what is started inherits it
    issuer = Issuer(ORIGIN, f"{ORIGIN}/v1", SystemClock())
    owners = Owners(issuer)
    owners.rights = rights(_MAY, _MAY, _MAY)
    with folder_of_ours() as folder:
        async with (
            owners.serving() as url,
            Postgres(folder / "postgres", settings=POSTGRES) as postgres,
            Nats(folder / "nats") as nats,
        ):
            await stream.provide(nats.url, "", "", stream.read(STREAM))
            await create_database(postgres, DATABASE)
            await migrate(postgres.dsn(DATABASE), PACKAGES)
            yield AuditHouse(folder, postgres, nats, issuer, environ(postgres, nats, heads=url, neighbours=url))


def environ(postgres: Postgres, nats: Nats, *, heads: str, neighbours: str) -> dict[str, str]:
    """What the service is told."""
    return dict(os.environ) | {
        "ORIGIN": ORIGIN,
        "LOCAL_MODE": "true",
        "INTERNAL_SECRET": credential("audit"),
        "DATABASE_URL": postgres.dsn(DATABASE),
        "NATS_URL": nats.url,
        "MASTER_KEY": MASTER_KEY,
        "HEADS_URLS": heads,
        "PERMISSIONS_URL": neighbours,
        "AUTH_URL": neighbours,
    }


def processor_of(folder: Path) -> float:
    """Processor time that the PostgreSQL server on a folder has used so far, in seconds."""
    return sum(machine.cpu_seconds(pid) for pid in Cluster(folder).holders())
