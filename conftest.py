"""Every test of the workspace may use the fixtures of the kit."""

import pathlib
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["latchkey_kit.testing.plugin"]

# A machine that is busy with other tests is slow at any moment, and no fault of the one that draws examples.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--interleavings", type=int, default=2_000, help="how many schedules of transactions are tried")
    parser.addoption("--seed", type=int, help="repeat what was left to chance, where tests take a seed")


class OneWorkerForAStack(LoadScopeScheduling):
    """Tests that share what takes long to make, such as a whole stack, go to one worker, the others to whoever is free.

    (The mark ``xdist_group`` of pytest-xdist 3.8 has no effect with pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith("tests/browser/"):
            return "tests/browser"
        if file == "tests/contracts/test_asyncapi.py":  # it installs a parser
            return file
        if not file.startswith("tests/e2e/"):
            return nodeid
        return file if file.endswith("test_doctor.py") else "tests/e2e"


_FIRST = ("tests/browser/", "tests/e2e/", "deploy/local/tests/", "tests/alone/")
"""What one worker is long busy with, while the others do the rest; the tests of a folder in one row."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turns = range(len(_FIRST))
    items.sort(key=lambda item: next((turn for turn in turns if item.nodeid.startswith(_FIRST[turn])), len(_FIRST)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerForAStack:
    return OneWorkerForAStack(config, log)


@pytest.fixture(scope="session")
def consumers() -> dict[str, list[str]]:
    """The durable consumers of the house, as the deployment makes them."""
    definition = tomllib.loads((pathlib.Path(__file__).parent / "deploy" / "nats" / "stream.toml").read_text())
    return {consumer["name"]: consumer["filters"] for consumer in definition["consumers"]}
