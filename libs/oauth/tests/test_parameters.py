from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_oauth.errors import OAuthError
from latchkey_oauth.parameters import Parameters, decode

words = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


def read(encoded) -> Parameters | None:
    try:
        return decode(encoded)
    except OAuthError:
        return None


def refusal(encoded) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        decode(encoded)
    assert caught.value.code == "invalid_request"
    assert caught.value.status == 400
    return caught.value


@given(st.dictionaries(words.filter(lambda name: name != "resource"), words, max_size=20))
def test_what_a_form_encodes_is_decoded(values):
    encoded = urlencode(values)
    assert decode(encoded).values == values
    assert decode(encoded.encode()) == decode(encoded)


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body):
    decoded = read(body)
    if decoded is not None:
        assert all(decoded.values.values())
        assert "\0" not in "".join(decoded.values.values())


@given(st.text(max_size=100))
def test_any_query_is_read_or_refused(query):
    assert read(query) == read(query.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("encoded", ["a=1&a=2", "a=1&a=1", "a=&a=1", "a=1&%61=1", "code=x&b=1&code=x", "a&a"])
def test_a_repeated_parameter_is_refused(encoded):
    refusal(encoded)


def test_only_resource_may_repeat():
    decoded = decode("resource=https%3A%2F%2Fh%2Fa&x=1&resource=https://h/b&resource=")
    assert decoded == Parameters({"x": "1"}, ("https://h/a", "https://h/b"))


@pytest.mark.parametrize("encoded", ["", "&", "a=", "a", "a=&b", "&&a=&&"])
def test_an_empty_value_counts_as_left_out(encoded):
    assert decode(encoded) == Parameters({})


@pytest.mark.parametrize(
    "encoded",
    [
        "a=%",
        "a=%2",
        "a=%zz",
        "a=%u0041",
        "%=1",
        "a=%ff",
        "a=%c0%af",
        "a=%ed%a0%80",
        b"a=\xff",
        "a=\udcff",
        "a=%00",
        "%00=1",
        "a=1\0",
        "unknown=%00",
    ],
)
def test_what_is_not_utf8_text_is_refused(encoded):
    refusal(encoded)


def test_a_lone_surrogate_is_refused():
    refusal("a=\ud800")


def test_plus_and_raw_utf8_are_read():
    assert decode("a=b+c%2B&name=Zoë").values == {"a": "b c+", "name": "Zoë"}
    assert decode("a=1;b=2=3").values == {"a": "1;b=2=3"}


def test_sizes_are_limited():
    assert len(decode("&".join(f"p{n}=1" for n in range(64))).values) == 64
    refusal("&".join(f"p{n}=1" for n in range(65)))
    assert decode("a=" + "x" * 8_192).get("a") == "x" * 8_192
    refusal("a=" + "x" * 8_193)
    refusal("&".join(f"p{n}={'x' * 8_000}" for n in range(9)))


def test_a_missing_parameter_is_named_and_nothing_sent_is_repeated():
    with pytest.raises(OAuthError, match="code_verifier is missing"):
        decode("code=1").require("code_verifier")
    assert decode("code=1").require("code") == "1"
    assert decode("code=1").get("state") is None
    assert "canary" not in refusal("canary=canary&canary=1").description
    assert "canary" not in repr(decode("code=canary"))
