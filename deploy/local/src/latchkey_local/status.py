"""`status`: a table of the parts."""

from latchkey_local import lock, state
from latchkey_local.files import read_json
from latchkey_local.home import Home
from latchkey_local.memory import megabytes
from latchkey_local.terminal import say


def status(home: Home) -> bool:
    """Print how each part is doing. Says whether the stack is up and ready."""
    supervisor, seen = lock.holder(home.lock), state.read(home)
    if supervisor is None or seen is None:
        say("Nothing runs in", home.path)
        return False
    say(f"{seen.phase} at {read_json(home.stack).get('origin', '(no origin yet)')}, data in {home.path}\n")
    say(f"{'PART':<16} {'PID':>8}  {'STATE':<10} {'RESTARTS':>8} {'MEMORY':>8}")
    total = 0.0
    own = ("supervisor", state.Part(seen.phase, supervisor))
    for name, part in (own, *seen.parts.items()):
        # The supervisor's children are the other lines.
        used = 0.0 if part.pid is None else megabytes(part.pid, children=name != "supervisor")
        total += used
        say(f"{name:<16} {part.pid or '-':>8}  {part.state:<10} {part.restarts:>8} {used:>5.0f} MB")
    say(f"{'':<16} {'':>8}  {'':<10} {'':>8} {total:>5.0f} MB")
    return seen.phase == state.READY
