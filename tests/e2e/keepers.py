"""Everything that a stack keeps or tells: where a secret would turn up."""

import contextlib
import json
import pathlib
from collections.abc import AsyncIterator, Iterator

import asyncpg

PRIVATE = ("secrets/master.key", "secrets/passwords.json", "operator.json", "demo.json", "demo-secrets.json")
"""Files that hold secrets on purpose; the stack makes them readable for its owner only."""
SERVICES = ("auth", "token", "client-registry", "permissions", "audit", "edge", "records", "mcp")
DATABASES = ("auth", "token", "client-registry", "permissions", "audit", "records")


def files(folder: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """Logs, notes of the supervisor, configurations, and the files of NATS."""
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if name not in PRIVATE and not name.startswith("postgres/data/") and (content := _content(file)) is not None:
            yield name, content


def data_files(folder: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """Tables, indexes and the write-ahead log as PostgreSQL has them on the disk, where anything was written since."""
    up = (folder / "stack.json").stat().st_mtime
    for file in sorted((folder / "postgres" / "data").rglob("*")):
        if (content := _content(file, since=up)) is not None:
            yield str(file.relative_to(folder)), content


def _content(file: pathlib.Path, since: float = 0) -> bytes | None:
    """What a file holds that was written since; a server may remove it while its folder is looked through."""
    with contextlib.suppress(FileNotFoundError):
        if file.is_file() and file.stat().st_mtime >= since:
            return file.read_bytes()
    return None


def command_lines(folder: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """What every user of the machine can see of the parts."""
    state = json.loads((folder / "state.json").read_text())
    pids = {"supervisor": state["pid"]} | {name: part["pid"] for name, part in state["parts"].items()}
    for name, pid in pids.items():
        yield f"command line of {name}", pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()


def pid_of(folder: pathlib.Path, part: str) -> int:
    state = json.loads((folder / "state.json").read_text())
    return state["pid"] if part == "supervisor" else state["parts"][part]["pid"]


def passwords(folder: pathlib.Path) -> dict[str, str]:
    return json.loads((folder / "secrets" / "passwords.json").read_text())


def _stack(folder: pathlib.Path) -> dict:
    return json.loads((folder / "stack.json").read_text())


@contextlib.asynccontextmanager
async def database(folder: pathlib.Path, service: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the superuser to a service's database."""
    name = "latchkey_" + service.replace("-", "_")
    socket, secret = _stack(folder)["postgres_socket_folder"], passwords(folder)["postgres"]
    connection = await asyncpg.connect(host=socket, user="postgres", password=secret, database=name)
    try:
        yield connection
    finally:
        await connection.close()


async def checkpoint(folder: pathlib.Path) -> None:
    """Let PostgreSQL write to the disk what it still has in memory only."""
    async with database(folder, "audit") as connection:
        await connection.execute("CHECKPOINT")


async def untold(folder: pathlib.Path) -> set[str]:
    """Ids of events that the audit log does not have yet."""
    written = set()
    for service in DATABASES:
        async with database(folder, service) as connection:
            written |= {row["id"] for row in await connection.fetch("SELECT id FROM outbox")}
    async with database(folder, "audit") as connection:
        return written - {row["id"] for row in await connection.fetch("SELECT id FROM event")}


async def rows(folder: pathlib.Path) -> AsyncIterator[tuple[str, bytes]]:
    """Every row of every table of every database; bytes in hexadecimal, and as the text that they may be."""
    for service in DATABASES:
        async with database(folder, service) as connection:
            for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                texts = []
                for form in ("hex", "escape"):
                    await connection.execute(f"SET bytea_output = '{form}'")
                    texts += await connection.fetch(f'SELECT t::text FROM "{table}" t')  # noqa: S608 (a name of ours)
                yield f"table {table} of {service}", "\n".join(text for (text,) in texts).encode()


async def metrics(folder: pathlib.Path, http) -> AsyncIterator[tuple[str, bytes]]:
    for name, port in _stack(folder)["ports"].items():
        if name.endswith("-admin"):
            for path in ("/metrics", "/readyz?verbose"):
                async with http.get(f"http://127.0.0.1:{port}{path}") as response:
                    yield f"{path} of {name}", await response.read()
