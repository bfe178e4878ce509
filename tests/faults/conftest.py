"""One stack at a time, whose parts are killed, stopped and starved; what is left to chance comes from ``--seed``.

rig                     the stack under test, as its operator sees it
load                    everything that the outside does at once: integrators and visitors, through a door
graveyard               tokens whose revocation was acknowledged, tried for ever
ledger, checks          what the tests saw, and how it is held against what the house has written down
faults, small_disks     what befalls the house
recovery, kill_times    what is measured
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chance import Chance
from graveyard import Graveyard
from load import Load
from rig import Rig
from stacks import folder_for_a_stack

SAID = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Any order is a good one; those that share a stack stay together."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    chance = Chance(config.getoption("--seed"))
    modules = sorted({item.path for item in ours})
    chance.shuffle(modules)
    shuffled = sorted(ours, key=lambda item: (modules.index(item.path), chance.random()))
    items[:] = [item for item in items if item not in ours] + shuffled


@pytest.fixture(scope="module")
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A stack that is up; a module may set ``INSTANCES``."""
    environ = {"LATCHKEY_INSTANCES": str(getattr(request.module, "INSTANCES", 1))}
    with folder_for_a_stack(**environ) as stack:
        stack.up()
        yield Rig(stack)


@pytest.fixture(scope="module")
def graveyard(rig: Rig) -> Graveyard:
    return Graveyard()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Chance:
    return Chance(f"{request.config.getoption('--seed')} {request.node.name}")


@pytest.fixture
def load(rig: Rig, graveyard: Graveyard, chance: Chance) -> Load:
    return Load(rig.demo, graveyard, chance, run=f"run{chance.getrandbits(40):010x}")


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what was measured; shown at once and once more at the end."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(words: str) -> None:
        line = f"{request.node.name}: {words}"
        request.config.stash.setdefault(SAID, []).append(line)
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n{line}\n")

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section(f"what was measured (seed={config.getoption('--seed')})")
    for line in config.stash.get(SAID, []):
        terminalreporter.write_line(line)
