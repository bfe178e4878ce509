"""The file gets every checkpoint, sooner or later, whatever becomes of disks; only ever at its end."""

import os
import stat

import msgspec
import pytest
import structlog

from latchkey_audit.proof import appending
from latchkey_audit.proof.checkpoint_file import CheckpointFile
from latchkey_contracts.seals import Checkpoint, FileLine
from latchkey_kit.telemetry import metrics
from latchkey_verify.testing import TENANT


@pytest.fixture
def path(tmp_path):
    return tmp_path / "elsewhere" / "checkpoints.jsonl"


@pytest.fixture
def file(kept, path):
    return CheckpointFile(path, kept.database, kept.key.public)


@pytest.fixture
def grow(kept, make_event):
    async def sign(times=1):
        for _ in range(times):
            await kept.add(make_event(after=1))
            await kept.checkpoints.sign(older=0)

    return sign


def positions(path):
    return [msgspec.json.decode(line, type=FileLine).position for line in path.read_bytes().splitlines() if line]


async def test_every_checkpoint_is_a_line_that_can_be_checked_by_itself(kept, file, path, grow):
    path.parent.mkdir()
    await grow(3)
    await file.attempt()
    await grow(1)
    await file.attempt()
    await file.attempt()
    assert positions(path) == [1, 2, 3, 4]
    line = msgspec.json.decode(path.read_bytes().splitlines()[-1], type=FileLine)
    said = kept.seals.read(line.signed, Checkpoint)
    assert (said.tenant, said.position, line.key) == (TENANT, 4, kept.key.public)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_what_could_not_be_written_is_loud_and_written_later(file, path, grow):
    await grow(2)
    with structlog.testing.capture_logs() as lines:
        await file.attempt()
        await file.attempt()
    failed = [line for line in lines if line["event"] == "checkpoint_file_failed"]
    assert [(line["log_level"], line["reason"]) for line in failed] == [("error", "No such file or directory")]
    assert metrics.audit_checkpoint_file_failing._value.get() == 1
    path.parent.mkdir()
    await file.attempt()
    assert positions(path) == [1, 2]
    assert metrics.audit_checkpoint_file_failing._value.get() == 0


async def test_a_full_disk_is_loud(kept, grow, tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    await grow()
    with structlog.testing.capture_logs() as lines:
        await CheckpointFile(tmp_path / "full", kept.database, kept.key.public).attempt()
    assert [line["reason"] for line in lines if line["event"] == "checkpoint_file_failed"] == [
        "No space left on device"
    ]


async def test_a_line_that_broke_off_is_left_behind_and_written_anew(file, path, grow):
    path.parent.mkdir()
    await grow(3)
    await file.attempt()
    os.truncate(path, path.stat().st_size - 40)
    await file.attempt()
    lines = path.read_bytes().split(b"\n")
    assert [msgspec.json.decode(line)["position"] for line in (*lines[:2], lines[3])] == [1, 2, 3]
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(lines[2])


async def test_two_instances_with_one_file_write_each_line_once(kept, file, path, grow):
    path.parent.mkdir()
    await grow(2)
    held = appending.open_alone(path)
    await file.attempt()
    assert positions(path) == []
    os.close(held)
    await CheckpointFile(path, kept.database, kept.key.public).attempt()
    await file.attempt()
    assert positions(path) == [1, 2]


async def test_the_last_line_is_found_behind_much_that_broke_off(path, file, grow):
    path.parent.mkdir()
    await grow(2)
    await file.attempt()
    with path.open("ab") as end:
        end.write(b"x" * 200_000 + b"\n" + b"y" * 100_000)
    await grow()
    await file.attempt()
    assert [line[:1] for line in path.read_bytes().splitlines()] == [b"{", b"{", b"x", b"y", b"{"]
