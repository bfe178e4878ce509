"""Folders in memory are gone after their run, also when the run was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from latchkey_kit.testing import folders

USE = (
    "import time\nfrom pathlib import Path\nfrom latchkey_kit.testing import folders\n"
    "folders._MEMORY, folders._ROOM = Path({!r}), 0\n"
    "with folders.folder() as made:\n    print(made, flush=True)\n    time.sleep(600)\n"
)


@pytest.fixture
def memory(tmp_path, monkeypatch):
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(folders, "_MEMORY", tmp_path)
    monkeypatch.setattr(folders, "_ROOM", 0)
    return tmp_path


@pytest.fixture
def another(memory):
    """A run of its own, which is under way."""
    command = [sys.executable, "-c", USE.format(str(memory))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:  # noqa: S603 (ours)
        assert run.stdout is not None
        yield run, Path(run.stdout.readline().strip())
        run.kill()


def test_a_folder_is_there_for_the_time_of_the_block(memory):
    with folders.folder() as made:
        (made / "postgres").mkdir()
        assert made.parent == memory
    assert not made.exists()


def test_what_another_run_uses_is_left_alone(memory, another):
    _, theirs = another
    with folders.folder():
        assert theirs.is_dir()


def test_what_a_killed_run_left_is_removed(memory, another):
    run, left = another
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert left.is_dir()
    with folders.folder():
        assert not left.exists()


def test_without_room_in_memory_it_is_where_temporary_files_are(memory, monkeypatch):
    monkeypatch.setattr(folders, "_ROOM", 2**63)
    with folders.folder() as made:
        assert made.parent != memory
