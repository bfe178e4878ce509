import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_oauth.challenge import bearer_sent, bearer_token, insufficient_scope, unauthorized

WHERE = "https://api.example/.well-known/oauth-protected-resource/v1/mcp"


def test_without_a_token_no_error_is_named():
    challenge = unauthorized(resource_metadata=WHERE, scope="inclusive")
    assert challenge == f'Bearer resource_metadata="{WHERE}", scope="inclusive"'
    assert unauthorized(resource_metadata=WHERE) == f'Bearer resource_metadata="{WHERE}"'


def test_a_bad_token_is_named_after_where_and_scope():
    challenge = unauthorized(resource_metadata=WHERE, scope="inclusive", token_sent=True, description="Expired.")
    assert challenge == (
        f'Bearer resource_metadata="{WHERE}", scope="inclusive", error="invalid_token", error_description="Expired."'
    )


def test_a_lacking_right_says_which_scope_would_do():
    challenge = insufficient_scope(resource_metadata=WHERE, scope="company:view task:view", description="No.")
    assert challenge == (
        f'Bearer resource_metadata="{WHERE}", scope="company:view task:view",'
        ' error="insufficient_scope", error_description="No."'
    )


def test_the_first_match_of_a_name_is_the_parameter():
    challenge = insufficient_scope(resource_metadata=WHERE, scope="a:view")
    assert challenge.count("scope=") == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"resource_metadata": "/relative"},
        {"resource_metadata": WHERE + '"'},
        {"resource_metadata": WHERE + "\r\nX: y"},
        {"scope": 'a" b'},
        {"scope": "a  b"},
        {"scope": "a\nb"},
        {"scope": "é"},
        {"description": "scope=x"},
        {"description": 'a"b'},
    ],
)
def test_nothing_breaks_out_of_the_header(parts):
    with pytest.raises(ValueError):  # noqa: PT011 - which sentence does not matter
        insufficient_scope(**{"resource_metadata": WHERE, "scope": "a:view", **parts})


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER  abc"])
def test_a_bearer_token_is_read(header):
    assert bearer_token(header) == "abc"


def test_all_of_b64token_is_read():
    assert bearer_token("Bearer aZ09-._~+/==") == "aZ09-._~+/=="


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "abc",
        "Basic abc",
        "Bearerabc",
        "Bearer a b",
        "Bearer a,b",
        "Bearer a, Bearer b",
        "Bearer =",
        "Bearer a=b",
        "Bearer abc\n",
        " Bearer abc",
        "Bearer\tabc",
        "Bearer é",
        'Bearer "abc"',
        "Bearer abc ",
    ],
)
def test_what_is_no_bearer_token_is_none(header):
    assert bearer_token(header) is None


@given(st.text(max_size=40))
def test_any_header_is_read(header):
    for text in (header, "Bearer " + header):
        token = bearer_token(text)
        assert token is None or (token in text and bearer_sent(text))


def test_a_malformed_bearer_was_still_sent():
    assert bearer_sent("Bearer a b")
    assert bearer_sent("Bearer")
    assert not bearer_sent("Basic abc")
    assert not bearer_sent(None)
