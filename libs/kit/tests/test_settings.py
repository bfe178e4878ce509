"""Settings come from the environment; every problem is told at once, and no value is ever repeated."""

import pytest

from latchkey_kit.settings import Common, Secret, SettingsError, WithDatabase, WithEvents, load


class Settings(Common, WithDatabase, WithEvents, frozen=True, kw_only=True):
    token_url: str
    lease: float = 2.0


GOOD = {
    "ORIGIN": "https://api.example.com",
    "DATABASE_URL": "postgresql://u:canary@h/db",
    "NATS_URL": "nats://h",
    "TOKEN_URL": "http://token",
}


def test_values_are_converted_and_defaults_stand():
    settings = load(Settings, GOOD | {"PORT": "8123", "LEASE": "1.5", "LOCAL_MODE": "true", "OTHER": "ignored"})
    assert (settings.port, settings.lease, settings.local_mode, settings.internal_port) == (8123, 1.5, True, 9000)
    assert settings.database_url.reveal() == "postgresql://u:canary@h/db"


def test_a_mapping_is_json():
    settings = load(Settings, GOOD | {"INTERNAL_CALLERS": '{"auth": "00"}'})
    assert settings.internal_callers == {"auth": "00"}


def test_a_setting_may_stand_in_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("from-a-file\n")
    settings = load(Settings, GOOD | {"INTERNAL_SECRET_FILE": str(file)})
    assert settings.internal_secret.reveal() == "from-a-file"


def test_everything_wrong_is_told_at_once_and_no_value_with_it(tmp_path):
    environ = {
        "ORIGIN": "https://api.example.com",
        "PORT": "canary-port",
        "INTERNAL_CALLERS": "{canary-json",
        "NATS_URL": "nats://canary-one",
        "NATS_URL_FILE": str(tmp_path / "canary-two"),
        "TOKEN_URL_FILE": str(tmp_path / "canary-three"),
    }
    with pytest.raises(SettingsError) as error:
        load(Settings, environ)
    told = str(error.value)
    assert len(error.value.problems) == 5
    for name in ("PORT", "INTERNAL_CALLERS", "NATS_URL and NATS_URL_FILE are both set", "TOKEN_URL", "DATABASE_URL"):
        assert name in told
    assert "canary" not in told


def test_a_secret_shows_itself_to_nobody():
    settings = load(Settings, GOOD | {"INTERNAL_SECRET": "canary"})
    secret = settings.internal_secret
    assert isinstance(secret, Secret)
    for shown in (repr(settings), str(secret), repr(secret), f"{secret}", f"{secret!r:>10}", "%s" % secret):  # noqa: UP031 - one more way
        assert "canary" not in shown
    assert type(secret.reveal()) is str
    assert secret.reveal() == "canary"
