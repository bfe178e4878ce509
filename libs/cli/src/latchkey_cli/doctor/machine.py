"""The machine, when the whole house is on this one: files that hold secrets, and room to write."""

import shutil
import stat

from latchkey_cli.doctor.finding import Finding, fail, ok, warn
from latchkey_cli.doctor.patient import Patient

_PRIVATE = (
    "secrets",
    "secrets/master.key",
    "secrets/passwords.json",
    "operator.json",
    "demo.json",
    "demo-secrets.json",
)
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LITTLE, _TOO_LITTLE = 2_000_000_000, 200_000_000


async def private_files(patient: Patient) -> list[Finding]:
    """Only their owner may read them."""
    if patient.folder is None:
        return []
    found = []
    for name in _PRIVATE:
        file = patient.folder / name
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except FileNotFoundError:
            continue
        except OSError as error:
            found.append(
                fail("private files", f"{file}: {error.strerror}", "Run this as the owner of the data folder.")
            )
            continue
        if mode & _OF_OTHERS:
            right = "700" if file.is_dir() else "600"
            found.append(
                fail(
                    "private files",
                    f"{file} can be read by others (mode {mode:o})",
                    f"chmod {right} {file}; if others use this machine, make new secrets.",
                )
            )
    return found or [ok("private files", "for their owner only")]


async def disk(patient: Patient) -> list[Finding]:
    """Room for PostgreSQL and NATS."""
    if patient.folder is None:
        return []
    try:
        free = shutil.disk_usage(patient.folder).free
    except OSError as error:
        return [fail("disk", f"{patient.folder}: {error.strerror}", "Set LATCHKEY_HOME to the data folder.")]
    words = f"{free / 1e9:.1f} GB free at {patient.folder}"
    if free < _TOO_LITTLE:
        return [fail("disk", words, "Make room now: without it nothing can be committed.")]
    if free < _LITTLE:
        return [warn("disk", words, "Make room: the stream alone may take 1 GB.")]
    return [ok("disk", words)]
