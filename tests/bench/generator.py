"""Running the load generator on its own core."""

import asyncio
import os
import sys
from pathlib import Path

import machine
import msgspec
from load import Done, Job

_PROGRAM = Path(__file__).with_name("load.py")


async def generate(job: Job) -> Done:
    """Do a job. Raises RuntimeError when anything but 200 was answered."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, _PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    os.sched_setaffinity(process.pid, machine.LOAD)
    output, _ = await process.communicate(msgspec.json.encode(job))
    if process.returncode:
        raise RuntimeError(f"the load generator ended with {process.returncode}")
    done = msgspec.json.decode(output, type=Done)
    if done.failures:
        raise RuntimeError("\n\n".join(done.failures))
    return done
