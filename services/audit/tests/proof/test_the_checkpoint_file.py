"""The file gets every checkpoint, sooner or later, whatever becomes of disks; only ever at its end."""

import os
import stat

import msgspec
import pytest
import structlog

from latchkey_audit.proof import appending
from latchkey_audit.proof.checkpoint_file import CheckpointFile
from latchkey_audit.proof.copies import Copies
from latchkey_contracts.seals import Checkpoint, FileLine
from latchkey_kit.seals import SealKey
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
    async def sign(times=1, copies=None):
        for _ in range(times):
            await kept.add(make_event(after=1))
            await kept.checkpoints.sign(copies or Copies(()), older=0)

    return sign


def lines(path):
    return [msgspec.json.decode(line, type=FileLine) for line in path.read_bytes().splitlines() if line]


def positions(path):
    return [line.position for line in lines(path)]


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


async def test_what_is_signed_is_written_whatever_the_database_makes_of_it(kept, file, path, grow):
    path.parent.mkdir()
    await grow()
    await kept.fetch(
        "CREATE FUNCTION early() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.at := '2001-01-01'; NEW.position := NEW.position + 1000; RETURN NEW; END $$"
    )
    await kept.fetch("CREATE TRIGGER early BEFORE INSERT ON checkpoint FOR EACH ROW EXECUTE FUNCTION early()")
    copies = Copies([file])
    await grow(2, copies)
    await file.attempt()
    assert positions(path) == [2, 3, 1]
    assert {one.signed for one in lines(path)} >= {row["signed"] for row in await kept.fetch("TABLE checkpoint")}


async def test_what_was_signed_waits_for_the_disk_and_not_for_the_database(kept, file, path, grow):
    await grow(2, Copies([file]))
    await kept.owner("DELETE FROM checkpoint")
    await file.attempt()
    path.parent.mkdir()
    await file.attempt()
    await file.attempt()
    assert positions(path) == [1, 2]


@pytest.mark.parametrize("at", ["2001-01-01", "2999-01-01"])
async def test_what_the_file_lacks_is_told_by_positions_not_by_times(kept, file, path, grow, at):
    path.parent.mkdir()
    await grow(2)
    await file.attempt()
    await grow(1)
    await kept.owner(f"UPDATE checkpoint SET at = '{at}' WHERE position = 3")  # noqa: S608 - our own times
    await file.attempt()
    await grow(1)
    await file.attempt()
    assert positions(path) == [1, 2, 3, 4]


async def test_lines_that_are_not_ours_keep_nothing_from_being_written(kept, file, path, grow):
    path.parent.mkdir()
    await grow(2)
    await file.attempt()
    other = SealKey(bytes(range(1, 33))).public
    line = FileLine(tenant=TENANT, position=2**40, at=4 * 10**15, signed="a.b.c", key=other)
    with path.open("ab") as end:
        end.write(msgspec.json.encode(line) + b"\n")
    await grow(1)
    await file.attempt()
    await CheckpointFile(path, kept.database, kept.key.public).attempt()
    assert positions(path) == [1, 2, 2**40, 3]


async def test_rows_that_nobody_signed_do_not_get_into_the_file(kept, file, path, grow):
    path.parent.mkdir()
    await grow(2)
    await kept.fetch(
        "INSERT INTO checkpoint (tenant_id, position, hash, at, signed) VALUES ($1, $2, '', now(), 'a.b.c')",
        TENANT, 2**40,
    )  # fmt: skip
    with structlog.testing.capture_logs() as said:
        await file.attempt()
        await file.attempt()
    assert [(one["event"], one["count"]) for one in said] == [("checkpoints_not_ours", 1)]
    assert positions(path) == [1, 2]


@pytest.mark.parametrize("left", [0, 1])
async def test_a_file_that_was_made_shorter_or_is_gone_is_filled_again(file, path, grow, left):
    path.parent.mkdir()
    await grow(3)
    await file.attempt()
    first = path.read_bytes().splitlines(keepends=True)[:left]
    path.write_bytes(b"".join(first))
    await file.attempt()
    assert positions(path) == [1, 2, 3]
    path.unlink()
    await file.attempt()
    assert positions(path) == [1, 2, 3]


async def test_much_that_broke_off_keeps_nothing_from_being_written(path, file, grow):
    path.parent.mkdir()
    await grow(2)
    await file.attempt()
    with path.open("ab") as end:
        end.write(b"x" * 200_000 + b"\n" + b"y" * 100_000)
    await grow()
    await file.attempt()
    assert [line[:1] for line in path.read_bytes().splitlines()] == [b"{", b"{", b"x", b"y", b"{"]
