"""Commands of ours that the stack runs once, and waits for."""

from pathlib import Path

from latchkey_embedded import Child
from latchkey_local.home import Home


async def finished(name: str, command: list[str | Path], home: Home, env: dict[str, str]) -> Child:
    """Run a command to its end; its output goes to the log of this name. Whoever asked looks at the exit code."""
    child = Child(name, command, home.log(name), env)
    child.start()
    try:
        await child.wait()
    finally:
        await child.stop()
    return child
