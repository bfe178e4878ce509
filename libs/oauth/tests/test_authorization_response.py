from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_oauth.authorization_response import failure, success
from latchkey_oauth.errors import access_denied

ISSUER = "https://api.example"


def test_code_state_and_issuer_are_appended():
    url = success("https://app.example/cb", code="lk_ac_1", state="s", iss=ISSUER)
    assert url == "https://app.example/cb?code=lk_ac_1&state=s&iss=https%3A%2F%2Fapi.example"


@pytest.mark.parametrize(
    ("redirect_uri", "start"),
    [
        ("https://app.example/cb?t=a%20b&u", "https://app.example/cb?t=a%20b&u&code=c"),
        ("https://app.example/cb?", "https://app.example/cb?code=c"),
        ("https://app.example/cb?t=1&", "https://app.example/cb?t=1&code=c"),
        ("https://app.example", "https://app.example?code=c"),
        ("cursor://x/cb", "cursor://x/cb?code=c"),
        ("com.example.app:/cb", "com.example.app:/cb?code=c"),
    ],
)
def test_a_query_that_is_there_stays(redirect_uri, start):
    assert success(redirect_uri, code="c", state=None, iss=ISSUER) == start + "&iss=https%3A%2F%2Fapi.example"


def test_an_error_carries_issuer_and_state_too_and_no_private_reason():
    url = failure("https://app.example/cb", access_denied(private="canary"), state="s", iss=ISSUER)
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "error": "access_denied",
        "error_description": "The user did not authorize the application.",
        "state": "s",
        "iss": ISSUER,
    }
    assert "canary" not in url


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_state_comes_back_as_it_was_and_breaks_nothing(state):
    url = success("https://app.example/cb?t=1", code="c", state=state, iss=ISSUER)
    assert url.isascii()
    assert url.isprintable()
    assert "#" not in url
    assert parse_qsl(urlsplit(url).query) == [("t", "1"), ("code", "c"), ("state", state), ("iss", ISSUER)]
