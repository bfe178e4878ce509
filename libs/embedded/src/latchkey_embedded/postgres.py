"""PostgreSQL 18 as a child process, reached by a unix socket only."""

import contextlib
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from latchkey_embedded.child import Child, until_ready
from latchkey_embedded.cluster import BIN, ENVIRONMENT, NEEDED, SUPERUSER, Cluster
from latchkey_embedded.errors import PartError
from latchkey_embedded.probe import until
from latchkey_embedded.server import Server
from latchkey_embedded.unprivileged import RunAs, run_as

SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",  # no worker processes for a database of this size
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_min_error_statement": "panic",  # the text of a failed statement may hold a password
}
SOCKETS = Path("/tmp")  # noqa: S108 - what we make in it is private and has a name that nobody can foresee
PREFIX, NOTE = "latchkey-pg-", "socket-folder"
READY_SECONDS = 30.0  # recovery after a crash may have WAL to read


@dataclass
class Postgres(Server):
    """One PostgreSQL server on `folder`: `async with Postgres(folder) as server: … server.dsn("mine")`.

    The first start makes the data folder. With a `password` everybody signs in with a password, the superuser
    (`postgres`) with this one; without, the private socket folder is all that guards it: for tests.
    `settings` are added to ours, as `postgres -c name=value`.
    """

    name: ClassVar = "PostgreSQL"
    stopping: ClassVar = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))  # fast, then at once: clients do not delay it
    folder: Path
    password: str | None = field(default=None, repr=False)
    settings: dict[str, str] = field(default_factory=dict)
    patience: float = 5.0
    """Seconds that a former server on this folder has to go away."""
    _sockets: Path | None = field(default=None, init=False)

    @property
    def socket_folder(self) -> Path:
        """Where the unix socket is: what libpq calls `host`."""
        if self._sockets is None:
            raise PartError("PostgreSQL was not started.")
        return self._sockets

    def dsn(self, database: str = SUPERUSER, *, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return `postgresql://user[:password]@/database?host=<socket folder>`."""
        if password is None and user == SUPERUSER:
            password = self.password
        secret = "" if password is None else f":{quote(password, safe='')}"
        place = quote(str(self.socket_folder), safe="")
        return f"postgresql://{quote(user, safe='')}{secret}@/{quote(database, safe='')}?host={place}"

    async def start(self) -> None:
        """Start the server and return when it answers. Raises PartError with the reason when it does not.

        When the server died, `start` brings it back at the same socket.
        """
        folder = self.folder.resolve()
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)  # to be entered by the server's user, see run_as
        cluster = Cluster(folder)
        who = run_as((*NEEDED, folder), death_signal="QUIT")
        await cluster.prepare(who, self.password)
        if not await until(lambda: _nobody_in(cluster), seconds=self.patience):
            raise PartError(
                f"{cluster.data} is in use by PostgreSQL (process {cluster.holders()[0]}). Stop that one first."
            )
        cluster.forget_last_server()
        restart = self._sockets is not None
        self._open_socket_folder(who)
        self._child = self._spawn(cluster, who)
        try:
            await until_ready(self._child, self._answers, seconds=READY_SECONDS)
        except BaseException:
            await (super().stop() if restart else self.stop())
            raise

    async def stop(self) -> None:
        """Shut down fast: running transactions are rolled back, everything committed is on disk. Safe to call twice."""
        await super().stop()
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def _open_socket_folder(self, who: RunAs) -> None:
        """Make a private folder with a short path: the kernel allows a socket 107 bytes, and checkouts lie deep.

        Its name cannot be foreseen, so nobody can have made it before us. The one that a killed run left is removed;
        after a crash of the server alone it stays, for clients know it.
        """
        if self._sockets is not None:
            return
        remove_left_sockets(self.folder)
        self._sockets = Path(tempfile.mkdtemp(prefix=PREFIX, dir=SOCKETS))
        (self.folder / NOTE).write_text(str(self._sockets))
        if who.owner is not None:
            shutil.chown(self._sockets, *who.owner)

    def _spawn(self, cluster: Cluster, who: RunAs) -> Child:
        settings = SETTINGS | self.settings | {"unix_socket_directories": str(self._sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        child = Child(
            name=self.name,
            command=[*who.prefix, BIN / "postgres", "-D", cluster.data, *options],
            log=self.folder / "postgres.log",
            env=ENVIRONMENT,
            identity=who.identity,
            death_signal=signal.SIGQUIT,  # ends its own children too
        )
        child.start()
        return child

    async def _answers(self) -> bool:
        # Here and not above: it takes longer to import than everything else in this package together.
        import asyncpg  # noqa: PLC0415

        try:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
        except asyncpg.InvalidPasswordError:
            raise PartError(
                f"The PostgreSQL data in {self.folder} was made with another password. "
                "Bring back the secrets it was made with, or remove the folder."
            ) from None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        with contextlib.suppress(OSError, asyncpg.PostgresError):
            await connection.close()
        return True


def remove_left_sockets(folder: Path) -> None:
    """Remove the socket folder that a killed server on `folder` left. Call it only when none is running."""
    with contextlib.suppress(FileNotFoundError):
        left = Path(os.fsdecode((folder / NOTE).read_bytes()))
        # The note may be damaged: nothing but a folder that could be ours is ever removed.
        if left.parent == SOCKETS and left.name.startswith(PREFIX):
            shutil.rmtree(left, ignore_errors=True)


async def _nobody_in(cluster: Cluster) -> bool:
    return not cluster.holders()
