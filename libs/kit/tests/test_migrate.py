"""A database is brought to this release: once, whole, in turns, and never backwards."""

import asyncio

import asyncpg
import pytest

from latchkey_kit import migrate as migrations
from latchkey_kit.migrate import Migration, MigrationError, migrate, migrations_of

FIRST = Migration("sample", 1, "first", "CREATE TABLE one (id integer)")
SECOND = Migration("sample", 2, "second", "CREATE TABLE two (id integer); INSERT INTO two VALUES (1)")


@pytest.fixture
def shipped(monkeypatch):
    """What the package ships; a test changes it as releases do."""
    files = [FIRST]
    monkeypatch.setattr(migrations, "migrations_of", lambda _package: list(files))
    monkeypatch.setattr(migrations, "privileges_of", lambda _package: "")
    return files


@pytest.fixture
def url(make_database, background):
    async def empty(url):
        connection = await asyncpg.connect(url)
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.close()

    made = make_database()
    background.run(empty(made))
    return made


async def test_each_migration_runs_once(url, shipped):
    assert await migrate(url, ("sample",)) == 1
    assert await migrate(url, ("sample",)) == 0
    shipped.append(SECOND)
    assert await migrate(url, ("sample",)) == 1
    assert await _count(url, "two") == 1


async def test_two_side_by_side_take_turns(url, shipped):
    shipped.append(SECOND)
    assert sorted(await asyncio.gather(*(migrate(url, ("sample",)) for _ in range(4)))) == [0, 0, 0, 2]
    assert await _count(url, "two") == 1


async def test_privileges_are_set_each_time_for_the_role_that_serves(url, shipped, monkeypatch):
    said = "CREATE TABLE IF NOT EXISTS told (role text); INSERT INTO told SELECT current_setting('latchkey.role')"
    monkeypatch.setattr(migrations, "privileges_of", lambda _package: said)
    await migrate(url, ("sample",), serves="postgresql://some%20body:pw@host/database")
    await migrate(url, ("sample",), serves="postgresql:///database?user=another&host=folder")
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT role FROM told")
    await connection.close()
    assert [row["role"] for row in rows] == ["some body", "another"]


async def test_an_edited_migration_is_refused(url, shipped):
    await migrate(url, ("sample",))
    shipped[0] = Migration("sample", 1, "first", "CREATE TABLE other (id integer)")
    with pytest.raises(MigrationError, match="sample 0001 was edited"):
        await migrate(url, ("sample",))


async def test_a_database_that_is_ahead_is_refused(url, shipped):
    shipped.append(SECOND)
    await migrate(url, ("sample",))
    shipped.pop()
    with pytest.raises(MigrationError, match="ahead of this release: it has sample 0002"):
        await migrate(url, ("sample",))


async def test_a_migration_that_fails_leaves_nothing_behind(url, shipped):
    shipped.append(Migration("sample", 2, "broken", "CREATE TABLE two (id integer); SELECT no_such_column"))
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(url, ("sample",))
    shipped[1] = SECOND
    assert await migrate(url, ("sample",)) == 1
    assert await _count(url, "two") == 1


def test_the_kits_own_migrations_are_numbered_without_gaps():
    numbers = [migration.number for migration in migrations_of("latchkey_kit")]
    assert numbers == list(range(1, len(numbers) + 1))


async def _count(url, table):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own word
    finally:
        await connection.close()
