"""What tests of the whole house share: the people and apps that use it, and stacks of their own (``actors/``)."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
for folder in ("actors", "e2e", "browser"):
    sys.path.insert(0, str(HERE / folder))


def pytest_addoption(parser: pytest.Parser) -> None:
    faults = parser.getgroup("faults", "killing parts of a whole stack (tests/faults)")
    faults.addoption("--faults", action="store_true", help="run them; they take minutes")
    faults.addoption("--nats-down", type=float, default=60, metavar="SECONDS", help="how long NATS is away (60)")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--faults") and config.getoption("--seed") is None:
        config.option.seed = int.from_bytes(os.urandom(4))


def pytest_report_header(config: pytest.Config) -> str:
    if config.getoption("--faults"):
        return f"faults: seed={config.getoption('--seed')}"
    return "faults: left out, for they take minutes: make test-faults"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    is_one = HERE / "faults" in (collection_path, *collection_path.parents)
    return True if is_one and not config.getoption("--faults") else None


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Take down what the tests of a folder shared when the last of them is over, not when the whole run is."""
    if nextitem is not None and nextitem.path.parent != item.path.parent:
        from stacks import take_all_down  # noqa: PLC0415 - its place is told above

        take_all_down()
