"""Running the load generator on its own core."""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import machine
import msgspec
from load import Done, Job

_PROGRAM = Path(__file__).with_name("load.py")


async def generate(job: Job) -> Done:
    """Do a job. Raises RuntimeError when anything but 200 was answered."""
    done = msgspec.json.decode(await asyncio.to_thread(_run, msgspec.json.encode(job)), type=Done)
    if done.failures:
        raise RuntimeError("\n\n".join(done.failures))
    return done


def _run(job: bytes) -> bytes:
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
        asked.write(job)
        asked.seek(0)
        with subprocess.Popen([sys.executable, _PROGRAM], stdin=asked, stdout=answered) as process:  # noqa: S603 (ours)
            os.sched_setaffinity(process.pid, machine.LOAD)
            code = process.wait()
        answered.seek(0)
        output = answered.read()
    if code or not output:
        raise RuntimeError(f"the load generator ended with {code} and {len(output)} bytes of output")
    return output
