"""A stack of real parts and stand-in services.

The stand-ins are found as the services are: beside the Python that runs `latchkey_local`. So each run gets a virtual
environment made of links to ours, with its own `latchkey-*` commands in it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from latchkey_embedded import free_port
from latchkey_local.files import read_json
from latchkey_local.services import OWNERS

STAND_IN = Path(__file__).with_name("stand_in.py")
ENVIRONMENT = Path(sys.executable).parent.parent


@dataclass
class Run:
    """One data folder, one origin port, one set of service commands."""

    bin: Path
    home: Path
    port: int = field(default_factory=free_port)

    def __call__(self, *words: str, code: int = 0, **environ: str) -> str:
        """Run `python -m latchkey_local …`, check its exit code, return what it said."""
        result = subprocess.run(  # noqa: S603 (ours)
            [self.bin / "python", "-m", "latchkey_local", *words],
            env=self.environ | environ, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        said = result.stdout + result.stderr
        assert result.returncode == code, said
        assert "Traceback" not in said
        return said

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LATCHKEY_HOME": str(self.home), "LATCHKEY_PORT": str(self.port)}

    @property
    def ports(self) -> list[int]:
        return [self.port, *read_json(self.home / "stack.json")["ports"].values()]

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def pids(self) -> dict[str, int]:
        state = read_json(self.home / "state.json")
        return {"supervisor": state["pid"]} | {
            name: part["pid"] for name, part in state["parts"].items() if part["pid"] is not None
        }


@pytest.fixture(scope="session")
def stand_ins() -> Iterator[Path]:
    """The `bin` folder of an environment whose services are stand-ins."""
    folder = Path(tempfile.mkdtemp(prefix="latchkey-test-"))
    own = folder / "bin"
    own.mkdir()
    for entry in Path(sysconfig.get_path("scripts")).iterdir():
        if not entry.name.startswith("latchkey"):
            (own / entry.name).symlink_to(entry)
    for name in ("lib", "pyvenv.cfg"):
        (folder / name).symlink_to(ENVIRONMENT / name)
    for name in ("latchkey", *(f"latchkey-{service.name}" for service in OWNERS)):
        script = own / name
        script.write_text(f"#!{own / 'python'} -IS\n{STAND_IN.read_text()}")
        script.chmod(0o755)
    yield own
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_home(stand_ins: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was up once. To be copied: that is quicker than making a database."""
    made = Run(stand_ins, tmp_path_factory.mktemp("made") / "home")
    made("up")
    made("down")
    return made.home


@pytest.fixture
def make_run(stand_ins: Path, made_home: Path, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Makes runs, and takes down whatever a test leaves up."""
    runs: list[Run] = []

    def make(name: str = "home", *, empty: bool = False) -> Run:
        runs.append(Run(stand_ins, tmp_path / name))
        if not empty:
            shutil.copytree(made_home, runs[-1].home)
        return runs[-1]

    yield make
    for run in runs:
        with contextlib.suppress(AssertionError):
            run("down")


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    """A stack that was up before and is down now."""
    return make_run()


@pytest.fixture
def new_run(make_run: Callable[..., Run]) -> Run:
    """A stack that was never up."""
    return make_run(empty=True)


@pytest.fixture(scope="module")
def running(stand_ins: Path, made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A stack that is up, for tests that only look at it."""
    shared = Run(stand_ins, tmp_path_factory.mktemp("running") / "home")
    shutil.copytree(made_home, shared.home)
    shared("up")
    yield shared
    shared("down")
