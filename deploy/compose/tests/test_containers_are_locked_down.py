"""What a container may do, whom it can reach, and when it counts as healthy."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

HERE = Path(__file__).parent
COMPOSE = HERE.parents[2] / "docker-compose.yml"
ROOT_FOR_A_MOMENT = "nats-folder"
"""Gives NATS and audit their new volumes, with the one right that this takes and no network."""
SECRET = re.compile(r"PASSWORD|SECRET|KEY|DATABASE_URL|CALLERS")


def test_the_file_is_one_of_the_compose_specification(compose):
    jsonschema.Draft202012Validator(json.loads((HERE / "compose-spec.json").read_text())).validate(compose)


def test_nobody_is_root_or_may_write_or_win_rights(containers):
    for name, container in containers.items():
        assert container["read_only"] is True, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in container, name
        assert container["mem_limit"], name
        assert "/tmp" in container["tmpfs"], name  # noqa: S108
        if name != ROOT_FOR_A_MOMENT:
            assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["user"]), name
            assert "cap_add" not in container, name
    job = containers[ROOT_FOR_A_MOMENT]
    assert (job["cap_add"], job["network_mode"], job["restart"]) == (["CHOWN"], "none", "no")


def test_two_ports_are_published_and_to_this_machine_only(containers):
    published = {name: container["ports"] for name, container in containers.items() if "ports" in container}
    assert published == {"gateway": ["127.0.0.1:8080:8080"], "streams": ["127.0.0.1:4222:4222"]}


def test_postgres_and_nats_are_reached_by_those_who_need_them_only(compose, containers):
    inside = {name for name, network in compose["networks"].items() if network.get("internal")}
    for name, container in containers.items():
        if name not in ("gateway", "streams"):
            assert set(container.get("networks", [])) <= inside, name
    assert set(containers["streams"]["networks"]) & inside == {"streams"}
    assert {name for name, one in containers.items() if "streams" in one.get("networks", [])} == {"audit", "streams"}
    for part, secret in (("postgres", "database-"), ("nats", "nats-")):
        (network,) = containers[part]["networks"]
        for name, container in containers.items():
            reads = any(
                (one if isinstance(one, str) else one["source"]).startswith(secret)
                for one in container.get("secrets", [])
            )
            if not name.startswith("migrate-") and name not in ("postgres", "nats"):
                assert (network in container.get("networks", [])) == reads, (name, network)


def test_secrets_are_files_of_which_each_is_used(compose, containers):
    used = {
        (one if isinstance(one, str) else one["source"]) for c in containers.values() for one in c.get("secrets", [])
    }
    assert compose["secrets"] == {name: {"file": f"./deploy/compose/secrets/{name}"} for name in used}
    for name, container in containers.items():
        for variable, value in container.get("environment", {}).items():
            if SECRET.search(variable):
                assert variable.endswith("_FILE"), (name, variable)
                assert value.startswith("/run/secrets/"), (name, variable)
    assert not re.search(r"pw_|://[^/\s]+@", COMPOSE.read_text())


def test_every_container_that_stays_tells_its_health_and_starts_again(containers):
    for name, container in containers.items():
        ours = container["image"].startswith("latchkey-")
        if container["restart"] == "no" or name == "stream":  # whether that one does its work, /readyz of others tells
            continue
        assert container["restart"] == "unless-stopped", name
        # The image of a service asks the admin port itself.
        assert ("healthcheck" in container) != ours, name


def test_who_is_waited_for_is_there_and_ends_or_has_a_health(containers):
    for name, container in containers.items():
        for other, how in container.get("depends_on", {}).items():
            ends = containers[other]["restart"] == "no"
            wanted = "service_completed_successfully" if ends else "service_healthy"
            assert how == {"condition": wanted}, (name, other)


@pytest.mark.parametrize("name", ["static.yml", "dynamic.yml", "server.conf", "stream.toml", "databases.sh"])
def test_what_is_mounted_lies_in_the_checkout(containers, name):
    mounts = [volume for container in containers.values() for volume in container.get("volumes", [])]
    (mount,) = [volume for volume in mounts if volume.split(":")[0].endswith(f"/{name}")]
    source, _, mode = mount.split(":")
    assert (COMPOSE.parent / source).is_file()
    assert mode == "ro"
