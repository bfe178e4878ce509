"""`down` and `reset`: stop everything; remove the data, too."""

import os
import shutil
import signal
import time

from latchkey_embedded import remove_left_sockets
from latchkey_local import lock
from latchkey_local.errors import StackError
from latchkey_local.home import Home
from latchkey_local.terminal import say

PATIENCE = 20.0  # seconds; then the supervisor is killed, and its children go with it
PAUSE = 0.02


def down(home: Home) -> None:
    """Stop the stack; the data stays."""
    if stop(home):
        say("Stopped. The data stays in", home.path)
    else:
        say("Nothing runs in", home.path)


def reset(home: Home) -> None:
    """Stop the stack and remove its data."""
    if home.path.exists() and not home.is_ours:
        raise StackError(f"{home.path} is no data folder of Latchkey; nothing was removed.")
    stop(home)
    if home.is_ours:
        remove_left_sockets(home.postgres)
        try:
            shutil.rmtree(home.path)
        except OSError as problem:
            raise StackError(f"{problem.filename} cannot be removed: {problem.strerror}. Remove it yourself.") from None
    say("Removed", home.path)


def stop(home: Home) -> bool:
    """Stop the supervisor of this folder, and all it owns. Says whether there was one."""
    pid = lock.holder(home.lock)
    if pid is None:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        except PermissionError:
            raise StackError(f"The stack in {home.path} belongs to another user (process {pid}).") from None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if lock.holder(home.lock) != pid:
                return True
            time.sleep(PAUSE)
    raise StackError(f"The supervisor (process {pid}) does not end.")
