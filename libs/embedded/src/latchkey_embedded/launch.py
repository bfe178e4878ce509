"""Become another program that dies with the process that started it.

Usage: `python -I -S launch.py <parent pid> <signal number> <uid:gid or -> <program> [argument…]`

A process of its own rather than a `preexec_fn`: forking Python code out of a process with threads can deadlock.
Linux only has the death signal; elsewhere the program is started without it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
STARTER_IS_GONE = 75


def main() -> None:
    parent, death_signal, identity, *command = sys.argv[1:]
    if identity != "-":
        uid, gid = (int(number) for number in identity.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid, which clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # it died before the signal was set
        sys.exit(STARTER_IS_GONE)
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606 (no shell is what we want)


if __name__ == "__main__":
    main()
