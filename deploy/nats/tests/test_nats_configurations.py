"""Every configuration of NATS in the repository is whole, and fits the services."""

import importlib
import re
import subprocess
from pathlib import Path

import msgspec
import pytest
from nats_users import CONFIG, CONFIRMING, DEFINITION, PASSWORDS, SERVICES, SOURCES, TYPES, owned, told

import latchkey_audit.ingest
import latchkey_token.consumers
from latchkey_contracts.events.tellers import subjects
from latchkey_embedded.programs import program

DEPLOY = Path(__file__).parents[2]
FILES = sorted(DEPLOY.glob("**/*.conf"))


def test_there_are_configurations():
    assert DEPLOY / "nats" / "server.conf" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DEPLOY)))
def test_the_server_reads_every_configuration(file):
    passwords = dict.fromkeys(re.findall(r"\$(LATCHKEY_\w+)", file.read_text()), "pw_word")
    command = [program("nats-server"), "--config", file, "-t"]
    result = subprocess.run(command, env=passwords, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    assert result.returncode == 0, result.stderr


def test_each_service_has_a_user_and_nobody_else_but_deploy():
    users = set(re.findall(r"user: ([a-z-]+),", CONFIG))
    assert users == {"deploy", *SERVICES}
    assert {f"LATCHKEY_NATS_{name.upper().replace('-', '_')}" for name in users} == set(PASSWORDS)


def test_every_event_has_a_service_that_may_publish_it():
    assert sorted({one for name in SERVICES for one in told(name)}) == TYPES


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_publish_what_the_table_of_tellers_gives_it_and_no_more(name):
    """Who may publish on a subject is who may say in a body that it did."""
    account = CONFIG.split(f"\n  {name.upper()} {{\n")[1].split("\n  }\n")[0]
    listed = re.search(r"publish: \[(.*?)\]", account, re.DOTALL)
    facts = re.findall(r'"(lk\.v1\.[^"]+)"', listed[1]) if listed else []
    assert sorted(facts) == sorted(subjects(name))


def test_the_consumers_are_those_that_the_services_read():
    read = {
        latchkey_token.consumers.DURABLE: latchkey_token.consumers.SUBJECTS,
        latchkey_audit.ingest.DURABLE: latchkey_audit.ingest.EVERYTHING,
    }
    assert {consumer.name: consumer.filters for consumer in DEFINITION.consumers} == read
    assert {name: rights.reads for name, rights in SERVICES.items() if rights.reads} == read


def test_nobody_imports_more_than_it_may_publish():
    """The imports keep services apart, the permissions say no aloud: they must say the same."""
    for name in SERVICES:
        account = CONFIG.split(f"\n  {name.upper()} {{\n")[1].split("\n  }\n")[0]
        imported = set()
        for subject, known_as in re.findall(r'{ account: LATCHKEY, subject: "([^"]+)" }(?:, to: "([^"]+)")?', account):
            imported.add(known_as or subject)
            assert not known_as or f'"{subject}": "{known_as}"' in account
        listed = re.search(r"publish: \[(.*?)\]", account, re.DOTALL)
        permitted = set(re.findall(r'"([^"]+)"', listed[1])) if listed else set()
        inside = {"lk.feed", f"lk.receipt.{name}.>"}
        assert imported == permitted - inside, name


def test_every_source_imports_the_receipts_of_all_who_confirm_and_no_others():
    for name in SERVICES:
        account = CONFIG.split(f"\n  {name.upper()} {{\n")[1].split("\n  }\n")[0]
        imported = set(re.findall(r'{ stream: { account: [A-Z]+, subject: "(lk\.receipt\.[^"]+)" } }', account))
        others = [consumer for consumer in CONFIRMING if consumer != name] if name in SOURCES else []
        assert imported == {f"lk.receipt.{consumer}.{name}" for consumer in others}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_waits_only_for_those_who_may_confirm_to_it(name):
    """Else it would never forget anything. Who reads only some of the events is waited for by those whose they are."""
    program = importlib.import_module(f"latchkey_{name.replace('-', '_')}.__main__")
    fields = {field.name: field for field in msgspec.structs.fields(program.DEFINITION.settings)}
    waited_for = set(fields["outbox_consumers"].default.split(","))
    of_interest = " ".join(SERVICES["token"].reads)
    wanted = {"audit"} | ({"token"} if any(f".{word}." in of_interest for word in owned(name)) else set())
    assert waited_for == wanted
    assert waited_for <= set(CONFIRMING)
