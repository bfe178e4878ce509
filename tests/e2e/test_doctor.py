"""`latchkey doctor` on a stack of its own: well, and with one thing wrong at a time."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keepers
import pytest
from stacks import Stack, folder_for_a_stack

from latchkey_embedded import free_port

LONGEST = 60
"""Seconds; every check has its own deadline, and they run side by side."""


@pytest.fixture(scope="module")
def house():
    with folder_for_a_stack() as made:
        made.up()
        yield made


@pytest.fixture
def doctor(house):
    """``doctor(NAME=value)``: exit code, and what it found by name; nothing secret is ever printed."""

    def run(*words, **environ):
        done = subprocess.run(  # noqa: S603 (ours)
            [Path(sys.executable).with_name("latchkey"), "doctor", *words],
            env={"PATH": os.defpath, "LATCHKEY_HOME": str(house.home)} | environ,
            capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert not done.stderr
        for secret in keepers.passwords(house.home).values():
            assert secret not in done.stdout
        return done.returncode, done.stdout

    return run


@pytest.fixture
def findings(doctor):
    """The findings that are not ok: (exit code, {check: (state, words and advice)})."""

    def run(**environ):
        code, text = doctor("--json", **environ)
        told = json.loads(text)
        assert told["healthy"] is (code == 0)
        wrong = [one for one in told["findings"] if one["state"] != "ok"]
        assert all(one["advice"] for one in wrong), "whatever is wrong has a next step"
        return code, {one["check"]: (one["state"], f"{one['words']}. {one['advice']}") for one in wrong}

    return run


def eventually_well(findings) -> None:
    end = time.monotonic() + 60
    while (seen := findings())[1]:
        assert time.monotonic() < end, seen


@contextlib.contextmanager
def dead(house: Stack, part: str):
    """A part that was killed, and that the supervisor does not see dead until the end of the block."""
    supervisor = keepers.pid_of(house.home, "supervisor")
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(keepers.pid_of(house.home, part), signal.SIGKILL)
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


def test_a_house_that_is_well(doctor, findings):
    eventually_well(findings)
    code, text = doctor()
    assert code == 0
    *lines, _, summary = text.splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == []
    names = {line[6:].split("  ")[0] for line in lines}
    assert names >= {
        *keepers.SERVICES, "heads", "release", "issuer", "resource metadata", "gateway", "clock", "signing keys",
        "feed", "leases", "nats", "streams", "events", "audit", "private files", "disk",
    }  # fmt: skip
    assert summary.endswith(" ok, 0 warn, 0 FAIL")


def test_a_dead_service_is_named_and_the_rest_is_looked_at(house, findings):
    with dead(house, "records"):
        code, wrong = findings()
    assert code == 1
    assert wrong["records"][0] == "FAIL"
    assert "does not answer" in wrong["records"][1]
    assert "resource metadata" in wrong, "which records answers"
    assert not {"auth", "token", "feed", "nats", "issuer"} & wrong.keys()
    eventually_well(findings)


def test_nats_down_is_said_with_what_goes_on(house, findings):
    with dead(house, "nats"):
        code, wrong = findings()
    assert code == 1
    assert wrong["nats"][0] == "FAIL"
    assert "events wait" in wrong["nats"][1]
    assert "issuer" not in wrong
    eventually_well(findings)


def test_streams_down_is_said_and_that_only_customers_wait(house, findings):
    with dead(house, "streams"):
        code, wrong = findings()
    assert code == 1
    assert wrong["streams"][0] == "FAIL"
    assert "miss nothing" in wrong["streams"][1]
    assert "nats" not in wrong
    eventually_well(findings)


def test_no_feed_is_said_where_it_hurts(house, findings):
    with dead(house, "heads"):
        code, wrong = findings()
    assert code == 1
    assert {wrong[name][0] for name in ("heads", "feed", "signing keys")} == {"FAIL"}
    eventually_well(findings)


def test_a_process_that_hangs_holds_nothing_up(house, findings):
    pid = keepers.pid_of(house.home, "mcp")
    os.kill(pid, signal.SIGSTOP)
    try:
        code, wrong = findings()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert code == 1
    assert "no answer in 3 s" in wrong["mcp"][1]
    eventually_well(findings)


@pytest.mark.parametrize("wrong_origin", ["http://127.0.0.1:{}", "http://localhost:{}/", "http://LOCALHOST:{}"])
def test_an_issuer_that_is_not_the_origin_to_the_letter(house, findings, wrong_origin):
    port = json.loads((house.home / "stack.json").read_text())["port"]
    code, wrong = findings(ORIGIN=wrong_origin.format(port))
    assert code == 1
    assert wrong["issuer"][0] == "FAIL"
    assert "ORIGIN" in wrong["issuer"][1]


def test_a_gateway_that_is_not_there(findings):
    code, wrong = findings(ORIGIN=f"http://localhost:{free_port()}")
    assert code == 1
    assert {"issuer", "resource metadata", "gateway", "signing keys"} <= wrong.keys()
    assert "records" not in wrong, "the services are well"


def test_addresses_that_are_somebody_elses(house, findings):
    ports = json.loads((house.home / "stack.json").read_text())["ports"]
    code, wrong = findings(
        EDGE_ADMIN_URL=f"http://127.0.0.1:{ports['edge']}", NATS_URL=f"nats://user:hidden-pw@127.0.0.1:{ports['edge']}"
    )
    assert code == 1
    assert {wrong[name][0] for name in ("edge", "nats")} == {"FAIL"}
    assert "hidden-pw" not in str(wrong)


def test_what_it_is_not_told_of_is_said(findings):
    code, wrong = findings(HEADS_URLS="", NATS_URL="", STREAMS_URL="", AUDIT_ADMIN_URL="")
    assert code == 0
    assert {name: state for name, (state, _) in wrong.items()} == dict.fromkeys(
        ("audit", "feed", "nats", "streams"), "warn"
    )


def test_private_files_that_others_can_read(house, findings):
    file = house.home / "secrets" / "passwords.json"
    file.chmod(0o644)
    try:
        code, wrong = findings()
    finally:
        file.chmod(0o600)
    assert code == 1
    assert "chmod 600" in wrong["private files"][1]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"ORIGIN": 5}', "{}", "\xff"])
def test_settings_that_cannot_be_read_are_one_line(doctor, tmp_path, content):
    if content is not None:
        (tmp_path / "operator.json").write_bytes(content.encode("latin-1"))
    code, text = doctor(LATCHKEY_HOME=str(tmp_path))
    assert code == 1
    line, _, summary = text.splitlines()
    assert line.startswith("FAIL  settings  ")
    assert summary == "0 ok, 0 warn, 1 FAIL"


def test_settings_that_are_no_file(doctor, tmp_path):
    (tmp_path / "operator.json").mkdir()
    code, text = doctor(LATCHKEY_HOME=str(tmp_path))
    assert code == 1
    assert "cannot be read" in text
