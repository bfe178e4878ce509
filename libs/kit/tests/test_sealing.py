"""What is sealed opens with the same key for the same purpose, and with nothing else."""

import base64

import pytest

from latchkey_kit.sealing import Sealer, SealError
from latchkey_kit.testing import SeededEntropy

KEY = base64.b64encode(bytes(32)).decode()
OTHER = base64.b64encode(bytes(31) + b"\1").decode()


def test_what_is_sealed_opens_again_and_no_two_seals_are_alike():
    sealer = Sealer(KEY, SeededEntropy())
    first, second = sealer.seal(b"secret", "signing"), sealer.seal(b"secret", "signing")
    assert first != second
    assert b"secret" not in first
    assert sealer.open(first, "signing") == sealer.open(second, "signing") == b"secret"


def test_another_key_purpose_or_byte_does_not_open_it():
    sealer = Sealer(KEY, SeededEntropy())
    sealed = sealer.seal(b"secret", "signing")
    for opening in (
        lambda: Sealer(OTHER, SeededEntropy()).open(sealed, "signing"),
        lambda: sealer.open(sealed, "mac"),
        lambda: sealer.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "signing"),
        lambda: sealer.open(sealed[:10], "signing"),
        lambda: sealer.open(b"", "signing"),
    ):
        with pytest.raises(SealError):
            opening()


@pytest.mark.parametrize("key", ["", "short", "é" * 32, base64.b64encode(bytes(31)).decode(), KEY[:-1], KEY + "\n!"])
def test_a_malformed_key_is_told_without_repeating_it(key):
    with pytest.raises(SealError, match="32 bytes in base64"):
        Sealer(key, SeededEntropy())


def test_a_key_of_another_size_is_refused():
    with pytest.raises(SealError):
        Sealer(base64.b64encode(bytes(16)).decode(), SeededEntropy())
