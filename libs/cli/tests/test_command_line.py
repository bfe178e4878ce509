"""What the shell sees: exit codes, and one sentence instead of a trace."""

import sys

import pytest

from latchkey_cli.main import main


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["bootstrap"], ["bootstrap", "--tenant", "acme"]])
def test_wrong_usage_is_exit_code_2(monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "argv", ["latchkey", *arguments])
    with pytest.raises(SystemExit) as raised:
        main()
    assert raised.value.code == 2
    assert "usage: latchkey" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["demo"], ["demo-data"], ["demo", "token", "carly@acme.test"]])
def test_without_a_stack_a_command_ends_with_one_sentence(monkeypatch, command):
    monkeypatch.setattr(sys, "argv", ["latchkey", *command])
    with pytest.raises(SystemExit) as raised:
        main()
    assert str(raised.value.code).startswith("latchkey: ")
    assert "make up" in str(raised.value.code)
    assert "\n" not in str(raised.value.code)
