import base64
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_oauth.client_auth import ClientCredentials, client_credentials
from latchkey_oauth.errors import OAuthError
from latchkey_oauth.parameters import decode


def basic(credentials: str | bytes) -> str:
    raw = credentials if isinstance(credentials, bytes) else credentials.encode()
    return "Basic " + base64.b64encode(raw).decode()


def read(authorization: str | None = None, **parameters: str) -> ClientCredentials:
    return client_credentials(authorization, decode(urlencode(parameters)))


def refusal(authorization: str | None = None, **parameters: str) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        read(authorization, **parameters)
    return caught.value


def outcome(authorization: str) -> str:
    try:
        return read(authorization, client_id="app").method
    except OAuthError as refused:
        return refused.code


def test_a_secret_comes_by_basic_or_by_post_or_not_at_all():
    assert read(basic("app:s3cret")) == ClientCredentials("app", ("s3cret",), "basic")
    assert read(client_id="app", client_secret="s3cret") == ClientCredentials("app", ("s3cret",), "post")
    assert read(client_id="app") == ClientCredentials("app", (), "none")
    assert read(client_id="app", client_secret="") == ClientCredentials("app", (), "none")


def test_the_scheme_has_no_case():
    assert read(basic("app:s").replace("Basic", "bASIC")).client_id == "app"


@given(st.text(min_size=1).filter(lambda text: "\0" not in text and text.isprintable()))
def test_a_form_encoded_secret_is_tried_first_and_a_raw_one_too(secret):
    encoded = read(basic(f"app:{quote_plus(secret)}"))
    assert encoded.secrets[0] == secret
    assert secret in read(basic(f"app:{secret}")).secrets


def test_a_secret_that_form_decoding_would_break_is_read_raw():
    assert read(basic("app:100%:a")).secrets == ("100%:a",)
    assert read(basic("app:a+b")).secrets == ("a b", "a+b")


def test_a_form_encoded_id_is_decoded():
    assert read(basic(f"{quote_plus('https://app.example/id')}:s")).client_id == "https://app.example/id"


def test_the_body_may_repeat_the_id_beside_basic_if_it_is_the_same():
    assert read(basic("app:s"), client_id="app").basic
    assert refusal(basic("app:s"), client_id="other").code == "invalid_request"


def test_two_methods_at_once_are_refused():
    assert refusal(basic("app:s"), client_id="app", client_secret="s").code == "invalid_request"


def test_an_empty_basic_password_is_no_secret():
    assert read(basic("app:")) == ClientCredentials("app", (), "basic")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YXBw",
        "Basic YXBwOnM",
        "Basic é",
        basic(":s"),
        basic(b"\xff:s"),
        basic("a\0:s"),
        basic("app:s\n"),
        basic("app:s") + ", " + basic("app:s"),
        basic("app:" + "s" * 9_000),
    ],
)
def test_an_unreadable_basic_header_is_401_and_names_basic(header):
    error = refusal(header)
    assert (error.code, error.status) == ("invalid_client", 401)
    assert error.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("header", "parameters"),
    [
        (None, {}),
        (None, {"client_secret": "s"}),
        ("Bearer abc", {"client_id": "app"}),
        ("", {"client_id": "app"}),
        (None, {"client_id": "app", "client_assertion": "x"}),
        (None, {"client_id": "app", "client_assertion_type": "x"}),
    ],
)
def test_no_or_an_unsupported_method_is_401_without_basic(header, parameters):
    error = refusal(header, **parameters)
    assert (error.code, error.status) == ("invalid_client", 401)
    assert not error.headers


@given(st.text(max_size=60))
def test_any_header_is_read_or_refused(header):
    for text in (header, "Basic " + header):
        assert outcome(text) in {"basic", "invalid_client", "invalid_request"}


def test_the_secret_is_not_in_the_repr():
    assert "s3cret" not in repr(read(basic("app:s3cret")))
