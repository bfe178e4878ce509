"""Every test of the workspace may use the fixtures of the kit."""

import pathlib
import tomllib

import pytest

pytest_plugins = ["latchkey_kit.testing.plugin"]


@pytest.fixture(scope="session")
def consumers() -> dict[str, str]:
    """The durable consumers of the house, as the deployment makes them."""
    definition = tomllib.loads((pathlib.Path(__file__).parent / "deploy" / "nats" / "stream.toml").read_text())
    return {consumer["name"]: consumer["filter"] for consumer in definition["consumers"]}
