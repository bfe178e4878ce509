"""Forward-only SQL migrations: ``migrations/NNNN_words.sql`` of a package, each in one transaction, once."""

import hashlib
import importlib.resources

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


def migrations_of(package: str) -> list[Migration]:
    """All migrations that a package ships, in order."""
    folder = importlib.resources.files(package) / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [Migration(package, int(file.name[:4]), file.name[5:-4], file.read_text(encoding="utf-8")) for file in files]


async def migrate(url: str, packages: tuple[str, ...]) -> int:
    """Bring a database to this release; returns how many migrations ran. Safe to run twice and side by side.

    Raises:
        MigrationError: when an applied migration was edited, or the database is ahead of this release.

    """
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_LEDGER)
        wanted = [migration for package in packages for migration in migrations_of(package)]
        pending = await _pending(connection, wanted)
        for migration in pending:
            await _apply(connection, migration)
        return len(pending)
    finally:
        await connection.close()


async def _pending(connection: "asyncpg.Connection[asyncpg.Record]", wanted: list[Migration]) -> list[Migration]:
    rows = await connection.fetch("SELECT component, number, checksum FROM schema_migration")
    applied = {(row["component"], row["number"]): row["checksum"] for row in rows}
    known = {(migration.component, migration.number) for migration in wanted}
    if ahead := sorted(set(applied) - known):
        raise MigrationError(f"the database is ahead of this release: it has {ahead[0][0]} {ahead[0][1]:04}")
    for migration in wanted:
        checksum = applied.get((migration.component, migration.number))
        if checksum is not None and checksum != migration.checksum:
            raise MigrationError(
                f"migration {migration.component} {migration.number:04} was edited after it was applied"
            )
    return [migration for migration in wanted if (migration.component, migration.number) not in applied]


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
