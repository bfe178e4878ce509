import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_oauth.errors import OAuthError
from latchkey_oauth.pkce import challenge_digest, challenge_for, verifier_digest, verify

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_example_of_the_rfc_verifies():
    digest = challenge_digest(CHALLENGE, "S256")
    assert digest == hashlib.sha256(VERIFIER.encode()).digest()
    assert challenge_for(VERIFIER) == CHALLENGE
    assert verify(VERIFIER, digest)


@given(st.from_regex(r"[A-Za-z0-9\-._~]{43,128}", fullmatch=True))
def test_a_verifier_answers_its_own_challenge_only(verifier):
    digest = challenge_digest(challenge_for(verifier), "S256")
    assert verify(verifier, digest)
    assert verify(VERIFIER, digest) == (verifier == VERIFIER)


@pytest.mark.parametrize("method", [None, "plain", "s256", "S512", "S256 ", ""])
def test_only_s256_is_a_method_and_none_means_no_plain(method):
    with pytest.raises(OAuthError, match="code_challenge_method must be S256"):
        challenge_digest(CHALLENGE, method)


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "x",
        CHALLENGE[:-1],
        CHALLENGE + "=",
        CHALLENGE + "A",
        CHALLENGE[:-1] + "N",
        CHALLENGE[:-1] + "+",
        CHALLENGE + "\n",
        "é" * 43,
        "." * 43,
    ],
)
def test_a_misspelled_challenge_is_refused(challenge):
    with pytest.raises(OAuthError, match="43 characters") as caught:
        challenge_digest(challenge, "S256")
    assert caught.value.code == "invalid_request"


def test_a_request_without_pkce_has_no_digest_and_a_lone_method_is_refused():
    assert challenge_digest(None, None) is None
    with pytest.raises(OAuthError, match="without code_challenge"):
        challenge_digest(None, "S256")


@pytest.mark.parametrize(
    "verifier", ["", "a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + " ", "a" * 43 + "\n", "é" * 43, "a" * 42 + "\0"]
)
def test_a_misspelled_verifier_never_verifies(verifier):
    assert verifier_digest(verifier) is None
    assert not verify(verifier, hashlib.sha256(verifier.encode()).digest())
    with pytest.raises(ValueError, match="43 to 128"):
        challenge_for(verifier)


def test_there_is_no_downgrade_in_either_direction():
    digest = challenge_digest(CHALLENGE, "S256")
    assert not verify(None, digest)
    assert not verify(VERIFIER, None)
    assert verify(None, None)
    assert not verify("b" * 43, digest)
