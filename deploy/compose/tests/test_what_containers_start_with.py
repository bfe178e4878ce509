"""The scripts that containers start with, on the real programs: what compose would run, at other ports and folders."""

import asyncio
import hashlib
import json
import os
import signal
import stat
import string
import subprocess
import sysconfig
from pathlib import Path

import asyncpg
import pytest

from latchkey_embedded import Child, Nats, Postgres, Traefik, free_port
from latchkey_embedded.child import until_ready
from latchkey_embedded.cluster import BIN
from latchkey_embedded.probe import http_status
from latchkey_local.services import OWNERS

CHECKOUT = Path(__file__).parents[3]
COMPOSE = CHECKOUT / "deploy/compose"
PROGRAMS = sysconfig.get_path("scripts")
PATH = {"PATH": f"{PROGRAMS}:{os.defpath}"}


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=PATH | env, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603


class TestSecrets:
    def test_each_is_made_once_and_opens_to_its_owner_alone(self, tmp_path):
        script, folder = COMPOSE / "make-secrets", tmp_path / "secrets"
        assert run(script, folder).returncode == 0
        first = {file.name: file.read_text() for file in folder.iterdir()}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(set(first.values())) == len(first), "no two are alike"
        (folder / "internal-edge").unlink()
        assert run(script, folder).returncode == 0
        second = {file.name: file.read_text() for file in folder.iterdir()}
        assert {name for name in first if first[name] != second[name]} == {"internal-edge", "internal-callers"}

    def test_services_believe_the_callers_whose_secrets_were_made(self, secrets):
        callers = json.loads((secrets / "internal-callers").read_text())
        assert callers.keys() == {*(service.name for service in OWNERS), "operator"}
        for name, digest in callers.items():
            assert hashlib.sha256((secrets / f"internal-{name}").read_bytes()).hexdigest() == digest


class TestGateway:
    def start(self, folder: Path, templates: Path = CHECKOUT / "deploy/gateway"):
        """Until it would become Traefik, for its own ports may be in use here."""
        (folder / "traefik").symlink_to("/bin/true")
        return run("/bin/sh", COMPOSE / "gateway/start", templates, folder, PATH=f"{folder}:{os.defpath}")

    async def test_it_runs_with_the_routes_of_the_templates(self, tmp_path):
        assert self.start(tmp_path).returncode == 0
        static, dynamic = (tmp_path / "static.yml").read_text(), (tmp_path / "dynamic.yml").read_text()
        assert f'filename: "{tmp_path}/dynamic.yml"' in static
        web, ping = free_port(), free_port()
        for ours, free in ((":8080", f"127.0.0.1:{web}"), ("127.0.0.1:8082", f"127.0.0.1:{ping}")):
            assert static.count(f'"{ours}"') == 1
            static = static.replace(f'"{ours}"', f'"{free}"')
        async with Traefik(tmp_path / "run", static=static, dynamic=dynamic, ping_port=ping):
            assert await http_status(web, "/v1/companies") >= 500, "a route, to a container that is not here"

    def test_it_fills_in_what_the_one_machine_stack_does(self, tmp_path):
        assert self.start(tmp_path).returncode == 0
        values = {
            service.name.replace("-", "_"): json.dumps({"servers": [{"url": f"http://{service.name}:8000"}]})
            for service in OWNERS
        } | {"check": "http://edge:8000/check"}
        template = string.Template((CHECKOUT / "deploy/gateway/dynamic.yml").read_text())
        assert (tmp_path / "dynamic.yml").read_text() == template.substitute(values)

    def test_a_template_with_an_unknown_value_stops_it(self, tmp_path):
        templates = tmp_path / "templates"
        templates.mkdir()
        (templates / "static.yml").write_text("a: ${nobody}\n")
        (templates / "dynamic.yml").write_text("")
        ended = self.start(tmp_path, templates)
        assert ended.returncode != 0
        assert "static.yml" in ended.stderr


class TestNats:
    @pytest.fixture
    def command(self, containers) -> list[str]:
        """As in compose, with the server's configuration where it lies here."""
        return [word.replace("/etc/latchkey/", f"{CHECKOUT}/deploy/nats/") for word in containers["nats"]["command"]]

    def test_the_server_accepts_its_configuration(self, command, secrets):
        ended = run("/bin/sh", COMPOSE / "nats/start", *command, "-t", SECRETS=str(secrets))
        assert ended.returncode == 0, ended.stderr

    def test_a_user_without_a_password_stops_it(self, command, tmp_path):
        (tmp_path / "nats-auth").write_text("pw_1")
        ended = run("/bin/sh", COMPOSE / "nats/start", *command, "-t", SECRETS=str(tmp_path))
        assert ended.returncode != 0
        assert "LATCHKEY_NATS_" in ended.stderr

    async def test_the_stream_is_made_with_the_password_of_its_file(
        self, command, secrets, tmp_path, containers, given
    ):
        port, monitor = free_port(), free_port()
        here = ["--addr", "127.0.0.1", "--port", str(port), "--http_port", str(monitor), "--store_dir", str(tmp_path)]
        server = Child(
            "NATS",
            ["/bin/sh", str(COMPOSE / "nats/start"), *command, *here],
            tmp_path / "nats.log",
            PATH | {"SECRETS": str(secrets)},
        )
        server.start()
        try:
            await until_ready(server, lambda: _healthy(monitor), seconds=20)
            script = [word for word in containers["stream"]["entrypoint"] if word != "--keep"]
            script = [word.replace("/etc/latchkey/", f"{CHECKOUT}/deploy/nats/") for word in script]
            env = given(containers["stream"]) | {"NATS_URL": f"nats://127.0.0.1:{port}"}
            ended = await asyncio.to_thread(run, *script, **env)
            assert ended.returncode == 0, ended.stderr
        finally:
            await server.stop((signal.SIGTERM, 5.0))

    def test_a_server_that_stays_unwell_is_told_to_stop(self, tmp_path):
        nobody = f"http://127.0.0.1:{free_port()}/healthz"
        with subprocess.Popen(["/bin/sleep", "60"]) as server:
            for _ in range(11):
                look = run("/bin/sh", COMPOSE / "nats/healthy", nobody, str(server.pid), TMPDIR=str(tmp_path))
                assert (look.returncode, server.poll()) == (1, None)
            run("/bin/sh", COMPOSE / "nats/healthy", nobody, str(server.pid), TMPDIR=str(tmp_path))
            assert server.wait(5) == -signal.SIGTERM

    async def test_one_good_look_forgets_the_bad_ones(self, tmp_path):
        (tmp_path / "unwell").write_text("\n" * 11)
        async with Nats(tmp_path / "nats") as server:
            url = f"http://127.0.0.1:{server.monitor_port}/healthz"
            script = COMPOSE / "nats/healthy"
            look = await asyncio.to_thread(run, "/bin/sh", script, url, "no process", TMPDIR=str(tmp_path))
        assert look.returncode == 0
        assert not (tmp_path / "unwell").exists()


class TestStreams:
    async def test_the_server_starts_with_what_the_audit_service_signed(self, containers, given, tmp_path):
        job, file = containers["streams-config"], tmp_path / "server.conf"
        ended = await asyncio.to_thread(run, "/bin/sh", COMPOSE / "streams/config", file, **given(job))
        assert ended.returncode == 0, ended.stderr
        assert containers["streams"]["command"][:2] == ["--config", job["entrypoint"][-1]]
        told = file.read_text()
        assert '"/data/accounts"' in told, "in the volume"
        async with Nats(tmp_path / "streams", told.replace("/data/accounts", str(tmp_path / "accounts"))) as server:
            assert await server.healthy()

    def test_a_configuration_that_cannot_be_made_leaves_the_old_one(self, tmp_path):
        file = tmp_path / "server.conf"
        file.write_text("old")
        ended = run("/bin/sh", COMPOSE / "streams/config", file, MASTER_KEY="canary")
        assert ended.returncode != 0
        assert "canary" not in ended.stderr
        assert file.read_text() == "old"


async def _healthy(port: int) -> bool:
    return await http_status(port, "/healthz") == 200


class TestPostgres:
    async def test_each_service_gets_a_database_that_only_it_may_enter(self, secrets, tmp_path):
        async with Postgres(tmp_path, password=(secrets / "postgres").read_text()) as server:
            ended = await asyncio.to_thread(
                run,
                "/bin/sh",
                COMPOSE / "postgres/databases.sh",
                PATH=f"{BIN}:{os.defpath}",
                SECRETS=str(secrets),
                PGHOST=str(server.socket_folder),
                PGUSER="postgres",
                PGPASSWORD=server.password or "",
            )
            assert ended.returncode == 0, ended.stderr
            urls = {service: _here(secrets, service.name, server) for service in OWNERS if service.database}
            for service, url in urls.items():
                connection = await asyncpg.connect(url)
                row = await connection.fetchrow("SELECT current_user AS role, current_database() AS database")
                if service.kept:
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.execute("CREATE TABLE mine ()")
                else:
                    await connection.execute("CREATE TABLE mine ()")
                await connection.close()
                assert tuple(row) == (service.role, service.database_name)
            keeper = await asyncpg.connect(_here(secrets, "audit", server, "owner"))
            await keeper.execute("CREATE TABLE mine ()")
            assert await keeper.fetchval("SELECT current_user") == "lk_audit_owner"
            await keeper.close()
            stranger = urls[OWNERS[0]].replace(f"/{OWNERS[0].database_name}", f"/{OWNERS[1].database_name}")
            for database in (stranger, stranger.replace(OWNERS[1].database_name, "postgres")):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await asyncpg.connect(database)


def _here(secrets: Path, service: str, server: Postgres, role: str = "database") -> str:
    """The service's DATABASE_URL, or the OWNER_DATABASE_URL, at this server's socket."""
    url = (secrets / f"{role}-{service}").read_text()
    assert "@postgres:5432/" in url
    return url.replace("@postgres:5432/", "@/") + f"?host={server.socket_folder}"
