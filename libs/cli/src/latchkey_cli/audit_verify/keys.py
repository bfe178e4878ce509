"""Whose signatures are believed."""

import pathlib
from collections.abc import Mapping, Sequence

import msgspec

from latchkey_cli.audit_verify.anchors import File
from latchkey_cli.errors import CommandError
from latchkey_cli.operator import environment
from latchkey_contracts.seals import PublicKey
from latchkey_kit.sealing import SealError, master
from latchkey_kit.seals import BadSealError, SealKey, Seals, keys_of
from latchkey_kit.settings import Secret, SettingsError, load

_NONE = (
    "no signature was checked, for no key is known: give --key (as GET /v1/audit-checkpoints/keys answers),"
    " --checkpoints or MASTER_KEY"
)
_OF_FILE = "the key was taken from the checkpoint file: signatures prove no more than that file does"


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    audit_master_key: Secret = Secret("")
    master_key: Secret = Secret("")


def seals(given: Sequence[str], file: File | None, environ: Mapping[str, str]) -> tuple[Seals, str]:
    """Keys that were given, else that of the master key, else those that the file names; and what to say of them.

    Raises:
        CommandError: a key cannot be read.

    """
    own = _of_master(environ)
    try:
        keys = [*_read(given), *([own] if own else [])]
        if keys:
            return Seals(keys), ""
        if file and file.keys:
            return Seals(file.keys), _OF_FILE
        return Seals(()), _NONE
    except BadSealError as error:
        raise CommandError(f"a key cannot be used: {error}") from None


def _read(paths: Sequence[str]) -> list[PublicKey]:
    try:
        return [key for path in paths for key in keys_of(pathlib.Path(path).read_bytes())]
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from None


def _of_master(environ: Mapping[str, str]) -> PublicKey | None:
    try:
        known = load(_Known, environment(environ))
    except CommandError:  # no stack here, and no credential: the environment alone
        known = _settings(environ)
    except SettingsError as error:
        raise CommandError("; ".join(error.problems)) from None
    text = (known.audit_master_key or known.master_key).reveal()
    if not text:
        return None
    try:
        return SealKey(master(text)).public
    except SealError as error:
        raise CommandError(str(error)) from None


def _settings(environ: Mapping[str, str]) -> _Known:
    try:
        return load(_Known, environ)
    except SettingsError as error:
        raise CommandError("; ".join(error.problems)) from None
