"""What a client must show, by type and proof (RFC 6749 §2.3.1)."""

import hashlib

import pytest

from latchkey_contracts.requests.clients import Gate
from latchkey_token.domain.client_proof import authenticated, needs_verifier


def gate(client_type, proof, *secrets):
    hashes = tuple(hashlib.sha256(secret.encode()).hexdigest() for secret in secrets)
    return Gate(
        client="c" * 32, tenant="b" * 32, revision=1, turn=1, client_type=client_type, proof=proof,
        secret_hashes=hashes, retry_window=0, default_audience="both",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("client_type", "proof", "shown", "welcome"),
    [
        ("confidential", "secret", ["right"], True),
        ("confidential", "secret", ["wrong"], False),
        ("confidential", "secret", [], False),
        ("confidential", "both", ["right"], True),
        ("confidential", "both", ["wrong"], False),
        ("confidential", "both", [], False),
        ("confidential", "pkce", ["right"], True),
        ("confidential", "pkce", [], True),
        ("confidential", "pkce", ["wrong"], False),
        ("confidential", "both", ["wrong", "right"], True),
        ("public", "pkce", [], True),
        ("public", "pkce", ["left over"], True),
    ],
)
def test_a_secret_is_asked_for_by_type_and_proof(client_type, proof, shown, welcome):
    known = ["right", "second"] if client_type == "confidential" else []
    assert authenticated(gate(client_type, proof, *known), shown) is welcome


def test_any_of_two_secrets_will_do():
    assert authenticated(gate("confidential", "both", "right", "second"), ["second"])


def test_a_confidential_client_without_secrets_is_never_authenticated_by_one():
    assert not authenticated(gate("confidential", "secret"), [""])
    assert not authenticated(gate("confidential", "both"), [])


@pytest.mark.parametrize(
    ("client_type", "proof", "needed"),
    [
        ("public", "secret", True),
        ("public", "both", True),
        ("confidential", "secret", False),
        ("confidential", "pkce", True),
        ("confidential", "both", True),
    ],
)
def test_pkce_is_asked_for_by_type_and_proof(client_type, proof, needed):
    assert needs_verifier(gate(client_type, proof)) is needed
