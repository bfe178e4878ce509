"""`up`, `status`, `logs`, `down` and `reset`, with real parts and stand-in services."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import asyncpg
import pytest

from latchkey_embedded import is_free
from latchkey_embedded.probe import until
from latchkey_local.files import read_json
from latchkey_local.services import SERVICES

STATEFUL = [service for service in SERVICES if service.database]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def soon(condition) -> bool:
    """Wait until it holds."""

    async def holds() -> bool:
        return condition()

    return asyncio.run(until(holds, seconds=20))


def test_up_brings_everything_and_down_leaves_nothing(new_run):
    said = new_run("up")
    assert f"Latchkey is up at http://localhost:{new_run.port}" in said
    assert f"http://localhost:{new_run.port}/v1/mcp" in said
    assert "carly@acme.test" in said
    pids, ports = new_run.pids(), new_run.ports
    parts = {"supervisor", "postgres", "nats", "streams", "gateway"}
    assert set(pids) == {*parts, *(service.name for service in SERVICES)}
    assert all(alive(pid) for pid in pids.values())
    assert all(not is_free(port) for port in ports)
    sockets = Path(read_json(new_run.home / "stack.json")["postgres_socket_folder"])

    assert "Stopped" in new_run("down")
    assert not any(alive(pid) for pid in pids.values())
    assert all(is_free(port) for port in ports)
    assert not sockets.exists()
    assert "Nothing runs" in new_run("down")


def test_a_second_up_only_says_where_things_are(running):
    pids = running.pids()
    assert f"Latchkey is up at http://localhost:{running.port}" in running("up")
    assert running.pids() == pids
    other = running.port + 1
    assert f"runs already, at port {running.port}" in running("up", code=1, LATCHKEY_PORT=str(other))


def test_status_tells_of_every_part(running):
    said = running("status")
    for name, pid in running.pids().items():
        assert any(line.split()[:3] == [name, str(pid), "ready"] for line in said.splitlines())


def test_the_data_and_the_ports_stay_between_runs(run):
    run("up")
    before = read_json(run.home / "stack.json")["ports"]
    (run.home / "demo.json").write_text((run.home / "demo.json").read_text() + " ")
    marked = (run.home / "demo.json").read_text()
    run("down")
    run("up")
    assert read_json(run.home / "stack.json")["ports"] == before
    assert (run.home / "demo.json").read_text() == marked, "demo data is made once"


def test_two_stacks_live_side_by_side(make_run):
    one, two = make_run("one"), make_run("two")
    one("up")
    two("up")
    assert not set(one.ports) & set(two.ports)
    one("down")
    assert all(alive(pid) for pid in two.pids().values())


def test_a_port_in_use_is_named_with_a_way_out(run):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that was is in nobody's way
        other.bind(("127.0.0.1", run.port))
        other.listen()
        said = run("up", code=1)
    assert f"Port {run.port} is in use" in said
    assert "LATCHKEY_PORT=" in said
    assert len(said.strip().splitlines()) == 1
    run("up")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80"])
def test_what_is_no_port_is_told(run, port):
    assert f"LATCHKEY_PORT is '{port}'" in run("up", code=1, LATCHKEY_PORT=port)


def test_kill_9_of_the_supervisor_leaves_no_children_and_the_next_up_heals(run):
    run("up")
    pids = run.pids()
    os.kill(pids["supervisor"], signal.SIGKILL)
    assert soon(lambda: not any(alive(pid) for pid in pids.values()))
    assert "Nothing runs" in run("status", code=1)
    run("up")


def test_an_interrupted_up_is_healed_by_the_next(new_run):
    starting = subprocess.Popen(  # noqa: S603 (ours)
        [new_run.bin / "python", "-m", "latchkey_local", "up"], env=new_run.environ, stdout=subprocess.DEVNULL
    )
    assert soon((new_run.home / "postgres" / "data.unfinished").exists)
    starting.kill()
    starting.wait()
    os.kill(int((new_run.home / "supervisor.lock").read_text()), signal.SIGKILL)
    new_run("up")
    assert not (new_run.home / "postgres" / "data.unfinished").exists()


def test_ctrl_c_stops_what_up_had_started(new_run):
    starting = subprocess.Popen(  # noqa: S603 (ours)
        [new_run.bin / "python", "-m", "latchkey_local", "up"],
        env=new_run.environ,
        stdout=subprocess.DEVNULL,
        # Where tests run in the background, the signal is ignored; PLW1509: no other thread runs here.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert soon((new_run.home / "postgres" / "data.unfinished").exists)
    starting.send_signal(signal.SIGINT)
    assert starting.wait() == 130
    assert "Nothing runs" in new_run("down")
    new_run("up")


def test_two_ups_at_once_make_one_stack(new_run):
    command = [new_run.bin / "python", "-m", "latchkey_local", "up"]
    both = [subprocess.Popen(command, env=new_run.environ, stdout=subprocess.DEVNULL) for _ in range(2)]  # noqa: S603 (ours)
    assert [one.wait() for one in both] == [0, 0]
    assert "ready" in new_run("status")


def test_a_part_that_dies_is_started_again_and_the_others_stay(run):
    run("up")
    for name in ("postgres", "nats", "streams", "gateway", "token"):
        before = run.pids()
        os.kill(before[name], signal.SIGKILL)
        assert soon(lambda name=name, pid=before[name]: run.pids().get(name, pid) != pid), name
        assert run.pids() | {name: 0} == before | {name: 0}
    assert "restarting" not in run("status")


def test_a_service_that_cannot_start_is_named_and_nothing_stays_behind(run):
    (run.home / "fail-audit").touch()
    said = run("up", code=1)
    assert "audit stopped at once: audit was told to fail" in said
    assert str(run.home / "logs" / "audit.log") in said
    assert "Nothing runs" in run("down")
    (run.home / "fail-audit").unlink()
    run("up")


def test_demo_data_that_cannot_be_made_fails_the_start(run):
    (run.home / "fail-demo-data").touch()
    (run.home / "demo.json").unlink()
    assert "demo data could not be made: demo data was told to fail" in run("up", code=1)


def test_a_half_written_database_is_told_in_one_sentence(run):
    (run.home / "postgres" / "data" / "PG_VERSION").unlink()
    assert "half-written" in run("up", code=1)


@pytest.mark.parametrize("content", [b"\xff\x00 no JSON", b"[]", b'{"pid": "x", "ports": [], "postgres": 1}'])
def test_a_damaged_file_is_made_anew_or_named(run, content):
    (run.home / "state.json").write_bytes(content)
    assert "Nothing runs" in run("status", code=1)
    passwords = run.home / "secrets" / "passwords.json"
    kept = passwords.read_bytes()
    passwords.write_bytes(content)
    said = run("up", code=1)
    assert str(passwords) in said
    assert "make reset" in said
    passwords.write_bytes(kept)
    (run.home / "state.json").write_bytes(content)
    run("up")


def test_ports_that_are_none_are_chosen_anew(run):
    for ports in ([], {"nats": "x"}, {"nats": 0}, {"token": 70000}):
        (run.home / "stack.json").write_bytes(json.dumps({"ports": ports}).encode())
        run("up")
        assert all(0 < port < 65536 for port in run.ports)
        run("down")


def test_a_folder_that_is_not_ours_is_left_alone(new_run):
    new_run.home.mkdir()
    (new_run.home / "letter.txt").write_text("Dear Sir")
    assert "no data folder of Latchkey" in new_run("up", code=1)
    assert "nothing was removed" in new_run("reset", code=1)
    assert (new_run.home / "letter.txt").exists()


def test_a_folder_that_cannot_be_written_is_told(new_run):
    new_run.home.write_text("a file")
    assert "cannot be written" in new_run("up", code=1)


def test_reset_removes_everything(run):
    run("up")
    pids = run.pids()
    run("reset")
    assert not run.home.exists()
    assert not any(alive(pid) for pid in pids.values())


def test_logs_of_a_part_and_of_all(running):
    assert "database system is ready" in running("logs", "postgres")
    assert "Server is ready" in running("logs", "streams")
    assert "nats " in running("logs")
    assert "There are: supervisor" in running("logs", "nobody", code=1)


def test_customers_and_audit_are_told_of_one_streams_server_which_is_not_the_houses(running):
    stack, demo = read_json(running.home / "stack.json"), read_json(running.home / "demo.json")
    told = json.loads((running.home / "environment-audit.json").read_text())
    assert demo["nats_url"] == told["STREAMS_URL"] == stack["streams_url"]
    assert stack["streams_url"] == f"nats://127.0.0.1:{stack['ports']['streams']}" != stack["nats_url"]


def test_where_nothing_runs_the_commands_say_so(new_run):
    assert "Nothing runs" in new_run("status", code=1)
    assert "Nothing runs" in new_run("down")
    assert "no logs" in new_run("logs", code=1)
    assert not new_run.home.exists(), "asking makes nothing"


def test_what_is_secret_is_private_and_each_service_knows_its_own_only(running):
    for path in ("secrets/passwords.json", "secrets/master.key", "stack.json", "state.json"):
        assert stat.S_IMODE((running.home / path).stat().st_mode) == 0o600, path
    assert stat.S_IMODE((running.home / "secrets").stat().st_mode) == 0o700
    passwords = read_json(running.home / "secrets" / "passwords.json")
    for service in SERVICES:
        told = (running.home / f"environment-{service.name}.json").read_text()
        known = {name for name, password in passwords.items() if password in told}
        own = set() if service.of else {f"nats/{service.name}", f"internal/{service.name}"}
        assert known == own | ({f"database/{service.owner}"} if service.database else set())
    told = (running.home / "environment-migrate.json").read_text()
    assert {name for name, password in passwords.items() if password in told} > {"owner/audit", "database/audit"}


async def test_a_service_reaches_its_own_database_and_no_other(running):
    for service in STATEFUL:
        url = json.loads((running.home / f"environment-{service.name}.json").read_text())["DATABASE_URL"]
        connection = await asyncpg.connect(url)
        if service.kept:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("CREATE TABLE IF NOT EXISTS mine (id int)")
        else:
            await connection.execute("CREATE TABLE IF NOT EXISTS mine (id int)")
        await connection.close()
        other = next(one for one in STATEFUL if one.owner != service.owner)
        for database in (other.database_name, "postgres", "template1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(url.replace(f"/{service.database_name}?", f"/{database}?"))


async def test_a_database_that_its_service_owned_is_handed_over_to_the_role_that_keeps_it(run):
    """As releases before had it; what is in it changes hands, too."""
    await asyncio.to_thread(run, "up")
    password = read_json(run.home / "secrets" / "passwords.json")["postgres"]
    admin = await asyncpg.connect(_owners_address(run), user="postgres", password=password)
    await admin.execute("CREATE TABLE before (id int); ALTER TABLE before OWNER TO lk_audit")
    await admin.execute("ALTER DATABASE latchkey_audit OWNER TO lk_audit")
    await admin.close()
    await asyncio.to_thread(run, "down")
    await asyncio.to_thread(run, "up")
    owner = await asyncpg.connect(_owners_address(run))
    assert await owner.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'before'") == "lk_audit_owner"
    of_database = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'latchkey_audit'"
    assert await owner.fetchval(of_database) == "lk_audit_owner"
    await owner.close()


def _owners_address(run):
    return json.loads((run.home / "environment-migrate.json").read_text())["OWNER_DATABASE_URL"]


def test_a_migration_that_fails_is_told_with_its_last_words(run):
    (run.home / "fail-migrate").touch()
    assert "the migration was told to fail" in run("up", code=1)
