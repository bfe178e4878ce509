"""A checkpoint as a line: what is written outside the database, and can be checked by itself."""

import datetime as dt

from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_contracts import seals
from latchkey_contracts.seals import FileLine, PublicKey
from latchkey_kit.seals import BadSealError, Seals

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def line(one: Checkpoint, key: PublicKey) -> FileLine:
    at = (one.at - _EPOCH) // _MICROSECOND
    return FileLine(tenant=one.tenant, position=one.position, at=at, signed=one.signed, key=key)


def moment(one: FileLine) -> dt.datetime:
    """When it was signed, as the database has it."""
    return _EPOCH + one.at * _MICROSECOND


def is_signed(one: Checkpoint, known: Seals) -> bool:
    """Whether a row of the database says what one of the keys has signed."""
    try:
        said = known.read(one.signed, seals.Checkpoint)
    except BadSealError:
        return False
    return (said.tenant, said.position, said.digest) == (one.tenant, one.position, one.hash.hex())
