"""Checkpoints: places where a chain was signed for, in the database and in a file that was out of its owner's reach."""

import pathlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from latchkey_cli.audit_verify.found import Finding
from latchkey_cli.errors import CommandError
from latchkey_contracts.seals import Checkpoint, FileLine, PublicKey
from latchkey_kit.seals import BadSealError, Seals, said

IN_FILE, IN_DATABASE = "the checkpoint file", "a checkpoint"


class Anchor(msgspec.Struct, frozen=True, order=True):
    """The chain had this hash at this position; ``where`` it says so."""

    position: int
    hash: bytes
    where: str


class File(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint file says; ``broken`` counts lines that cannot be read, as a full disk leaves them."""

    path: pathlib.Path
    signed: dict[str, list[str]]
    keys: tuple[PublicKey, ...]
    broken: int

    def anchors(self, tenant: str, seals: Seals, believed: frozenset[str]) -> tuple[list[Anchor], list[Finding]]:
        """Those of a tenant, and those that are no checkpoints of ours. ``believed`` need not be looked at again."""
        good, bad = [], []
        for signed in self.signed.get(tenant, ()):
            try:
                claims = said(signed, Checkpoint) if signed in believed else _read(signed, seals)
                good.append(_anchor(claims, IN_FILE))
            except BadSealError as error:
                words = f"a line of the checkpoint file is not to be believed: {error}"
                bad.append(Finding(tenant=tenant, kind="forged", position=0, words=words))
        return good, bad


def read_file(path: pathlib.Path) -> File:
    """Read a checkpoint file.

    Raises:
        CommandError: it cannot be.

    """
    signed: dict[str, list[str]] = defaultdict(list)
    keys: dict[str, PublicKey] = {}
    broken = 0
    for text in _lines(path):
        try:
            line = msgspec.json.decode(text, type=FileLine)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            broken += bool(text.strip())
            continue
        signed[_whose(line)].append(line.signed)
        keys[line.key.kid] = line.key
    return File(path=path, signed=dict(signed), keys=tuple(keys.values()), broken=broken)


def _whose(line: FileLine) -> str:
    """Whose it is, by what is signed: the line's own word is for people."""
    try:
        return said(line.signed, Checkpoint).tenant
    except BadSealError:
        return line.tenant


def of_rows(tenant: str, rows: Sequence[Any], seals: Seals) -> tuple[list[Anchor], list[Finding]]:
    """The checkpoints of the database, and those that are not what the service signed."""
    good, bad = [], []
    for row in rows:
        try:
            good.append(_of_row(tenant, row, seals))
        except BadSealError as error:
            words = f"a checkpoint is not to be believed: {error}"
            bad.append(Finding(tenant=tenant, kind="forged", position=row["position"], words=words))
    return good, bad


def _of_row(tenant: str, row: Any, seals: Seals) -> Anchor:
    claims = _read(row["signed"], seals)
    if (claims.tenant, claims.position, claims.digest) != (tenant, row["position"], row["hash"].hex()):
        raise BadSealError("it is signed for something else")
    return _anchor(claims, IN_DATABASE)


def _read(signed: str, seals: Seals) -> Checkpoint:
    return seals.read(signed, Checkpoint) if seals else said(signed, Checkpoint)


def _anchor(claims: Checkpoint, where: str) -> Anchor:
    try:
        return Anchor(claims.position, bytes.fromhex(claims.digest), where)
    except ValueError:
        raise BadSealError("it cannot be read") from None


def _lines(path: pathlib.Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
