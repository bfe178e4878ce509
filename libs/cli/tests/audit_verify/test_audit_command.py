"""What is typed, what is printed, and the exit code."""

import asyncio
import sys

import asyncpg
import msgspec
import pytest

from latchkey_cli import main
from latchkey_cli.audit_verify import progress

ACME = "a" * 32


@pytest.fixture
def latchkey(monkeypatch, capsys, tmp_path, told):
    monkeypatch.setenv("LATCHKEY_HOME", str(tmp_path))

    async def typed(*words, key=True, auth=None):
        given = ["--database", f"audit={told.url}", *(["--key", str(told.key)] if key else [])]
        given += ["--database", f"auth={auth}"] if auth else []
        monkeypatch.setattr(sys, "argv", ["latchkey", "audit", "verify", *given, *words])
        capsys.readouterr()  # of what went before
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main.main)
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return typed


async def test_a_log_that_is_what_it_was(latchkey, told, ten):
    code, said, error = await latchkey("--checkpoints", str(told.path))
    assert (code, error) == (0, "")
    assert said.startswith("ok        every entry is what it was\n")
    assert "2 tenants, 15 entries, 2 checkpoints, 2 checkpoints of the file" in said
    code, said, _ = await latchkey("--checkpoints", str(told.path), "--json")
    assert (code, msgspec.json.decode(said)["proven"]) == (0, True)


async def test_an_altered_entry_is_named_and_fails_the_command(latchkey, told, ten):
    await told.change("hash = sha256(hash)", ACME, 4)
    code, said, _ = await latchkey("--tenant", ACME)
    assert code == 1
    assert said.splitlines()[0].startswith(f"altered   tenant {ACME}, position 4, event {ten[3].id}: ")
    assert "unproven  no checkpoint file was given" in said
    code, said, _ = await latchkey("--json")
    told_of = msgspec.json.decode(said)
    assert (code, told_of["proven"]) == (1, False)
    assert [(one["kind"], one["position"], one["event"]) for one in told_of["findings"]] == [("altered", 4, ten[3].id)]


async def test_tenants_are_named_where_auths_database_can_be_read(latchkey, told, ten, make_database):
    auth = make_database("latchkey_auth")
    connection = await asyncpg.connect(auth)
    await connection.execute("INSERT INTO tenant (id, name, title) VALUES ($1, 'acme', 'Acme')", ACME)
    await connection.close()
    await told.change("hash = sha256(hash)", ACME, 4)
    _, said, _ = await latchkey(auth=auth)
    assert said.startswith(f"altered   tenant {ACME} (acme), position 4, ")
    code, said, _ = await latchkey(auth="postgresql://nobody@127.0.0.1:1/none")
    assert (code, said.startswith(f"altered   tenant {ACME}, position 4, ")) == (1, True)


async def test_facts_of_no_tenant_are_a_log_like_any(latchkey, told, ten, made):
    await told.add(made(None))
    code, said, _ = await latchkey("--tenant", "_")
    assert (code, "1 tenant, 1 entry," in said) == (0, True)
    assert "1 entry younger than its last checkpoint" in said
    await told.change("hash = sha256(hash)", "0" * 32, 1)
    code, said, _ = await latchkey("--tenant", "_")
    assert (code, f"tenant {'0' * 32} (_, facts of no tenant), position 1" in said) == (1, True)


async def test_what_cannot_be_read_is_one_sentence(latchkey, told, ten, tmp_path):
    (tmp_path / "odd").write_text("{}")
    for words in (["--checkpoints", str(tmp_path / "no")], ["--key", str(tmp_path / "odd")], ["--tenant", "acme"]):
        code, said, _ = await latchkey(*words)
        assert (code.startswith("latchkey: "), said) == (True, ""), words


async def test_a_tenant_nobody_knows_is_not_proven(latchkey, told, ten):
    unknown = "d" * 32
    code, said, _ = await latchkey("--checkpoints", str(told.path), "--tenant", unknown)
    assert (code, said) == (f"latchkey: nothing is known of tenant {unknown}: there is no log to verify", "")
    for table in ("event", "chain", "checkpoint"):
        await told.tamper(f"DELETE FROM {table} WHERE tenant_id = $1", ACME)  # noqa: S608 - our own names
    code, said, _ = await latchkey("--checkpoints", str(told.path), "--tenant", ACME)
    assert (code, said.startswith(f"missing   tenant {ACME}, position 1")) == (1, True)


async def test_a_long_run_says_how_far_it_is(latchkey, told, ten, monkeypatch):
    monkeypatch.setattr(progress, "_EVERY_SECONDS", 0)
    _, _, error = await latchkey()
    assert "0 entries, 0 of 2 tenants\n" in error


async def test_a_checkpoint_file_with_lines_that_broke_off_or_are_not_ours(latchkey, told, ten):
    text = told.path.read_text()
    told.path.write_text(text + text[:50] + "\n\x00\xff\n")
    code, said, _ = await latchkey("--checkpoints", str(told.path))
    assert code == 0
    assert "2 lines of the file that broke off" in said
    told.path.write_text(text.replace('"signed":"ey', '"signed":"ex', 1))
    code, said, _ = await latchkey("--checkpoints", str(told.path))
    assert code == 1
    assert said.startswith("forged ")


async def test_a_line_that_names_another_tenant_is_still_that_of_whom_it_was_signed_for(latchkey, told, ten):
    told.path.write_text(told.path.read_text().replace(f'"tenant":"{ACME}"', f'"tenant":"{"f" * 32}"'))
    code, said, _ = await latchkey("--checkpoints", str(told.path))
    assert (code, "2 tenants" in said) == (0, True)
