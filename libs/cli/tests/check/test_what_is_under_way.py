"""Services go on while they are checked: what is on its way is waited for, and never mistaken."""

import asyncio
import json
import sys

import pytest

from latchkey_cli.check.lineage import lineage
from latchkey_cli.check.numbers import numbers
from latchkey_cli.check.told import told
from latchkey_cli.check.turns import gates, turns
from latchkey_cli.main import main

PATIENCE = 30


async def test_event_on_its_way_to_audit_is_waited_for(house):
    event = await house.tell("token", "token.refused", house.ids["alive"], heard=False)
    looking = asyncio.create_task(house.findings(told, patience=PATIENCE))
    done, _ = await asyncio.wait({looking}, timeout=1)
    assert not done
    await house.hear("token", event)
    assert await looking == {}


async def test_turn_on_its_way_to_the_token_service_is_waited_for(house):
    await house.do("auth", "UPDATE app_user SET turn = 3, disabled = true")
    await house.do("client-registry", "UPDATE client SET revision = 5, turn = 2, disabled = true")
    looking = asyncio.create_task(house.findings(turns, gates, patience=PATIENCE))
    done, _ = await asyncio.wait({looking}, timeout=1)
    assert not done
    await house.do(
        "token",
        "UPDATE standing SET turn = turn + 1, barred = true WHERE kind <> 'tenant_user'",
        "UPDATE gate SET revision = 5, turn = 2, barred = true",
    )
    assert await looking == {}


async def test_event_without_a_number_is_under_way(house):
    await house.do("token", "INSERT INTO outbox (id, subject, body) VALUES ('{code}', 'lk.v1._.token.x.y', '{{}}')")
    assert await house.findings(numbers, told, lineage) == {}


async def test_events_that_were_numbered_anew_after_a_restore_are_known_by_their_ids(house):
    await house.do(
        "token",
        "UPDATE outbox_state SET epoch = gen_random_uuid()",
        "UPDATE outbox SET number = number + 1000",
        "UPDATE outbox SET number = number - 999 - (SELECT min(number) - 1000 FROM outbox)",
    )
    assert await house.findings(numbers, told, lineage) == {}


async def test_what_was_born_before_a_restore_may_have_lost_its_events(house):
    await house.do("token", "DELETE FROM outbox WHERE subject LIKE '%{alive}%'")
    assert "refreshes are told" in await house.findings(lineage)
    await house.do(
        "token",
        "INSERT INTO kill (kind, key, source, cutoff, number, reason)"
        " SELECT 'all', '', 'restore', max(born), 4, 'database.restored' FROM connection",
    )
    assert await house.findings(lineage) == {}


@pytest.fixture
def command(built, monkeypatch, capsys):
    """``command("--json")``: exit code, what was said, and what was complained of."""

    def run(*words, databases=built.urls):
        given = [f"--database={name}={url}" for name, url in databases.items()]
        monkeypatch.setattr(sys, "argv", ["latchkey", "check", *given, *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_command_says_what_holds_and_what_was_not_looked_at(command, tmp_path):
    code, text, _ = command("--logs", str(tmp_path))
    assert code == 0
    *lines, _, summary = text.splitlines()
    assert {line[:5] for line in lines} == {"ok   ", "skip "}
    assert summary.endswith(" 3 skip, 0 FAIL")


def test_command_names_the_rule_that_fails(command, built, background):
    background.run(built.do("token", "UPDATE verifier SET applied = 9"))
    try:
        code, text, _ = command("--json")
    finally:
        background.run(built.do("token", "UPDATE verifier SET applied = 3"))
    assert code == 1
    told = json.loads(text)
    assert told["proven"] is False
    [failed] = [one for one in told["findings"] if one["state"] == "FAIL"]
    assert (failed["rule"], failed["offenders"]) == ("nobody is ahead", ["verifier edge-1: it has applied 9"])


def test_rules_without_their_database_are_left_out(command, built):
    code, text, _ = command("--json", databases={"audit": built.urls["audit"]})
    assert code == 0
    states = {one["rule"]: one["state"] for one in json.loads(text)["findings"]}
    assert states["lineage"] == states["one_leaf"] == "skip"
    assert states["told once: sources"] == "ok"


@pytest.mark.parametrize(
    "words", ["--database=nobody=postgresql://u:hidden@h/d", "--database=token=hidden", "--patience=soon"]
)
def test_wrong_usage_repeats_no_password(command, words):
    code, _, complaint = command(words)
    assert code == 2
    assert "hidden" not in complaint


def test_database_that_is_away_is_one_sentence(command):
    code, _, _ = command(databases={"token": "postgresql://u:hidden@127.0.0.1:1/none"})
    assert code == "latchkey: the database of token cannot be read: ConnectionRefusedError"


def test_nothing_to_read_is_one_sentence(command, home):
    code, _, _ = command(databases={})
    assert code.startswith("latchkey: ")
    assert "\n" not in code
