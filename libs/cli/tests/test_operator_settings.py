"""Where the services are: from the environment, else from the one-machine stack; what is wrong is told at once."""

import json
import os

import pytest

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import settings

SECRET = "a-credential-that-nobody-may-read"
WRITTEN = {
    "ORIGIN": "http://localhost:8080", "OPERATOR_SECRET": SECRET, "AUTH_URL": "http://127.0.0.1:1",
    "CLIENT_REGISTRY_URL": "http://127.0.0.1:2", "PERMISSIONS_URL": "http://127.0.0.1:3", "LOCAL_MODE": "true",
}  # fmt: skip


def test_without_a_stack_and_without_settings_the_way_out_is_named():
    with pytest.raises(CommandError, match=r"make up.*LATCHKEY_HOME"):
        settings({})


def test_the_stack_wrote_down_where_it_is(home):
    (home / "operator.json").write_text(json.dumps(WRITTEN))
    known = settings(dict(os.environ))
    assert (known.origin, known.auth_url, known.local_mode) == ("http://localhost:8080", "http://127.0.0.1:1", True)
    assert known.operator_secret.reveal() == SECRET
    assert SECRET not in repr(known)


def test_the_environment_wins_over_what_the_stack_wrote(home):
    (home / "operator.json").write_text(json.dumps(WRITTEN))
    assert settings({"AUTH_URL": "http://elsewhere"}).auth_url == "http://elsewhere"


def test_with_a_credential_of_its_own_the_stack_is_not_asked(home):
    (home / "operator.json").write_text(json.dumps(WRITTEN))
    with pytest.raises(CommandError) as raised:
        settings({"OPERATOR_SECRET": SECRET})
    for name in ("ORIGIN", "AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL"):
        assert f"{name} is missing" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_damaged_file_is_as_good_as_none(home):
    (home / "operator.json").write_text("{")
    with pytest.raises(CommandError, match="make up"):
        settings({})


def test_secret_may_come_from_a_file(home):
    (home / "secret").write_text(SECRET + "\n")
    named = {name: value for name, value in WRITTEN.items() if name != "OPERATOR_SECRET"}
    known = settings(named | {"OPERATOR_SECRET_FILE": str(home / "secret")})
    assert known.operator_secret.reveal() == SECRET
