"""Forward-only SQL migrations: ``migrations/NNNN_words.sql`` of a package, each in one transaction, once.

A package whose tables belong to another role than the one that serves says in ``privileges.sql`` what that one may do.
It runs after the migrations, every time, and finds the name of the role that serves in the setting ``latchkey.role``.
"""

import hashlib
import importlib.resources
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import msgspec
import structlog

_LOCK = 0x1A7C4  # any fixed number: the migrations of one database take turns
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migration (
    component text NOT NULL, number integer NOT NULL, name text NOT NULL, checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (component, number)
)
"""
log = structlog.get_logger()


class MigrationError(Exception):
    """The database's history does not fit this release."""


class Migration(msgspec.Struct, frozen=True):
    component: str
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def place(self) -> str:
        return f"{self.component} {self.number:04}"


def migrations_of(package: str) -> list[Migration]:
    """All migrations that a package ships, in order."""
    folder = importlib.resources.files(package) / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [Migration(package, int(file.name[:4]), file.name[5:-4], file.read_text(encoding="utf-8")) for file in files]


def privileges_of(package: str) -> str:
    """What a package says of the role that serves; empty where it owns the tables itself."""
    file = importlib.resources.files(package) / "privileges.sql"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


async def migrate(url: str, packages: tuple[str, ...], *, serves: str = "") -> int:
    """Bring a database to this release; returns how many migrations ran. Safe to run twice and side by side.

    ``serves`` is the address under which the service connects; empty: as who migrates.

    Raises:
        MigrationError: when the database is another's, an applied migration was edited, or it is ahead of this release.

    """
    role = _role(serves or url)
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        applied = await _applied(connection)
        pending = _pending(applied, packages)
        if ahead := _ahead(applied, packages):
            raise MigrationError(f"the database is ahead of this release: it has {ahead}")
        await connection.execute(_LEDGER)
        for migration in pending:
            await _apply(connection, migration)
        for package in packages:
            await _grant(connection, package, role)
        return len(pending)
    finally:
        await connection.close()


async def check(url: str, packages: tuple[str, ...]) -> None:
    """See that a database has this release's schema, or a later one's: those still serve the release before.

    Raises:
        MigrationError: when the database is another's, or migrations are missing or were edited.

    """
    connection = await asyncpg.connect(url, timeout=5)
    try:
        applied = await _applied(connection)
    finally:
        await connection.close()
    if pending := _pending(applied, packages):
        raise MigrationError(f"the schema is older than this release: it lacks {pending[0].place}")
    if ahead := _ahead(applied, packages):
        log.warning("schema_ahead", newest=ahead)


_Applied = dict[tuple[str, int], str]
"""Component and number → checksum."""


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> _Applied:
    tables = [
        row["name"]
        for row in await connection.fetch(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()"
            " ORDER BY table_name"
        )
    ]
    if "schema_migration" in tables:
        rows = await connection.fetch("SELECT component, number, checksum FROM schema_migration")
        return {(row["component"], row["number"]): row["checksum"] for row in rows}
    if tables:
        raise MigrationError(f"the database is not Latchkey's: it has a table {tables[0]!r} but no schema_migration")
    return {}


def _pending(applied: _Applied, packages: tuple[str, ...]) -> list[Migration]:
    if others := sorted({component for component, _ in applied} - set(packages)):
        raise MigrationError(f"the database belongs to {others[0]}, not to {packages[-1]}")
    wanted = [migration for package in packages for migration in migrations_of(package)]
    for migration in wanted:
        checksum = applied.get((migration.component, migration.number))
        if checksum is not None and checksum != migration.checksum:
            raise MigrationError(f"migration {migration.place} was edited after it was applied")
    return [migration for migration in wanted if (migration.component, migration.number) not in applied]


def _ahead(applied: _Applied, packages: tuple[str, ...]) -> str:
    known = {(migration.component, migration.number) for package in packages for migration in migrations_of(package)}
    return next((f"{component} {number:04}" for component, number in sorted(set(applied) - known)), "")


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '4s'")
        await connection.execute("SET LOCAL statement_timeout = '60s'")
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO schema_migration (component, number, name, checksum) VALUES ($1, $2, $3, $4)",
            migration.component, migration.number, migration.name, migration.checksum,
        )  # fmt: skip
    log.info("migration_applied", component=migration.component, number=migration.number, name=migration.name)


async def _grant(connection: "asyncpg.Connection[asyncpg.Record]", package: str, role: str) -> None:
    if privileges := privileges_of(package):
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '4s'")
            await connection.execute("SELECT set_config('latchkey.role', $1, true)", role)
            await connection.execute(privileges)


def _role(url: str) -> str:
    """Who logs in with an address of PostgreSQL; empty when it does not say."""
    there = urlsplit(url)
    return unquote(there.username or "") or parse_qs(there.query).get("user", [""])[0]
