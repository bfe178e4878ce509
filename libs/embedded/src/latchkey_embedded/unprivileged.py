"""Which user PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from latchkey_embedded.errors import PartError

UNPRIVILEGED = "nobody"
READ_ANYWHERE = "+dac_override"
# access(2), by which initdb looks for its neighbours, else leaves capabilities out of account for whoever is not root.
KEEP_FOR_ACCESS = "--securebits=+no_setuid_fixup"


@dataclass(frozen=True)
class RunAs:
    """How to start a program: as which user (None: as ourselves), and what stands before its command line."""

    identity: tuple[int, int] | None = None
    owner: tuple[int, int] | None = None
    """Who must own the program's data; None: nothing to change."""
    prefix: tuple[str, ...] = ()


def run_as(needs: Iterable[Path], *, death_signal: str, euid: int | None = None) -> RunAs:
    """Choose the user who can reach every path in `needs` and is not root.

    As root that is `nobody`. Where `nobody` may not go (a checkout below a home folder of mode 0700), `setpriv` lets
    it keep the one capability that opens those paths.
    """
    if (os.geteuid() if euid is None else euid) != 0:
        return RunAs()
    user = _nobody()
    closed = next((path for path in needs if not _reachable(path, *user)), None)
    if closed is None:
        return RunAs(identity=user, owner=user)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PartError(
            f"PostgreSQL does not run as root, and the user '{UNPRIVILEGED}' cannot reach {closed}. "
            "Run this as an ordinary user, or from a folder that everybody may enter, or install setpriv (util-linux)."
        )
    uid, gid = user
    return RunAs(
        owner=user,
        prefix=(
            setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups",
            KEEP_FOR_ACCESS, f"--inh-caps={READ_ANYWHERE}",
            f"--ambient-caps={READ_ANYWHERE}", f"--pdeathsig={death_signal}", "--",
        ),
    )  # fmt: skip


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise PartError(
            f"PostgreSQL does not run as root, and there is no user '{UNPRIVILEGED}'. Run this as an ordinary user."
        ) from None
    return entry.pw_uid, entry.pw_gid


def _reachable(path: Path, uid: int, gid: int) -> bool:
    """Say whether that user may read `path` and enter every folder above it (a folder is also to be entered)."""
    real = path.resolve()
    return _allows(real, uid, gid, stat.S_IROTH) and all(
        _allows(folder, uid, gid, stat.S_IXOTH) for folder in ([real] if real.is_dir() else []) + list(real.parents)
    )


def _allows(path: Path, uid: int, gid: int, bit_of_others: int) -> bool:
    status = path.stat()
    shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
    return bool(status.st_mode & (bit_of_others << shift))
