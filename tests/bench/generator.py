"""Running the load generator on its own core."""

import asyncio
import os
import subprocess
import sys
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
    command = [sys.executable, _PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 (ours)
        os.sched_setaffinity(process.pid, machine.LOAD)
        output, _ = process.communicate(job)
    if process.returncode or not output:
        raise RuntimeError(f"the load generator ended with {process.returncode} and {len(output)} bytes of output")
    return output
