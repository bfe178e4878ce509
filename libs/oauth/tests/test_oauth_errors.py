import pytest

from latchkey_oauth import errors
from latchkey_oauth.errors import OAuthError


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.invalid_request("No."), "invalid_request", 400),
        (errors.invalid_client(), "invalid_client", 401),
        (errors.invalid_grant(), "invalid_grant", 400),
        (errors.unsupported_grant_type(), "unsupported_grant_type", 400),
        (errors.unsupported_response_type(), "unsupported_response_type", 400),
        (errors.invalid_scope("No."), "invalid_scope", 400),
        (errors.invalid_target(), "invalid_target", 400),
        (errors.access_denied(), "access_denied", 400),
        (errors.temporarily_unavailable(), "temporarily_unavailable", 503),
    ],
)
def test_each_error_has_its_code_and_status(error, code, status):
    assert (error.code, error.status) == (code, status)
    assert error.body() == {"error": code, "error_description": error.description}


def test_basic_is_asked_for_only_if_basic_was_used():
    assert "WWW-Authenticate" not in errors.invalid_client().headers
    assert errors.invalid_client(basic=True).headers["WWW-Authenticate"].startswith("Basic realm=")


def test_temporary_trouble_says_when_to_come_back():
    assert errors.temporarily_unavailable(retry_after=3).headers == {"Retry-After": "3"}


def test_the_private_reason_stays_off_the_wire():
    error = errors.invalid_grant(private="canary: generation 3 of 5")
    assert error.private == "canary: generation 3 of 5"
    assert "canary" not in str(error.body()) + str(error) + repr(error)


@pytest.mark.parametrize(
    "text", ["", 'a "quote"', "a\\b", "a\nb", "a\r\nSet-Cookie: x", "é", "\x7f", "use scope=all", "SCOPE=x"]
)
def test_a_description_that_is_unfit_for_the_wire_is_never_made(text):
    with pytest.raises(ValueError, match="error description"):
        OAuthError("invalid_request", text)


def test_a_code_is_a_word():
    with pytest.raises(ValueError, match="error code"):
        OAuthError("Invalid Request", "No.")
