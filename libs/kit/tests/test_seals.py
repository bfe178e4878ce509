"""Keys come from the master key in the same way for ever; what is signed is believed for what it was signed for."""

import pytest

from latchkey_contracts.seals import Checkpoint, Forgotten
from latchkey_kit.deriving import derive
from latchkey_kit.seals import BadSealError, SealKey, Seals

CLAIMS = Checkpoint(iss="https://api.latchkey.test", tenant="a" * 32, position=7, digest="ab" * 32, iat=1)


def test_derivation_never_changes():
    assert derive(bytes(32), "checkpoint").hex() == "82ae7297bea8fedc3e2038c09a04c69e08629e82dce4e875955f765bdb105efd"
    assert derive(bytes(32), "checkpoint") != derive(bytes(32), "streams operator")


def test_only_what_a_known_key_signed_for_this_is_believed():
    key, other = SealKey(bytes(32)), SealKey(bytes(range(32)))
    signed = key.sign(CLAIMS)
    assert Seals([key.public]).read(signed, Checkpoint) == CLAIMS
    head, body, signature = signed.split(".")
    for text in (
        other.sign(CLAIMS),
        f"{head}.{body[:-2]}AA.{signature}",
        f"{head}.{body}.",
        "",
        "x.y.z",
        f"{head}.{body}",
    ):
        with pytest.raises(BadSealError):
            Seals([key.public]).read(text, Checkpoint)
    with pytest.raises(BadSealError):
        Seals([key.public]).read(signed, Forgotten)
