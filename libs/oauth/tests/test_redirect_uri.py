# ruff: noqa: RUF001 - letters that look like others are the point here
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_oauth.redirect_uri import LOOPBACK_HOSTS, acceptable, host_for_people, matches

REGISTERED = "https://app.example/cb"

VARIANTS = """
https://app.example/cb/
https://app.example/cb2
https://app.example/cb/evil
https://app.example/c
https://app.example/
https://app.example
https://app.example/CB
https://app.example/Cb
https://APP.example/cb
https://app.EXAMPLE/cb
HTTPS://app.example/cb
Https://app.example/cb
http://app.example/cb
ftp://app.example/cb
//app.example/cb
app.example/cb
/cb
https:app.example/cb
https:/app.example/cb
https:///app.example/cb
https:\\\\app.example/cb
https://app.example//cb
https://app.example/cb//
https://app.example/./cb
https://app.example/cb/.
https://app.example/cb/../cb
https://app.example/x/../cb
https://app.example/cb/../../evil
https://app.example/%2e/cb
https://app.example/x/%2e%2e/cb
https://app.example/%63b
https://app.example/cb%2f
https://app.example/cb%00
https://app.example/cb%0d%0a
https://app.example/cb%23
https://app.example/cb?
https://app.example/cb?a=1
https://app.example/cb?code=x
https://app.example/cb;a=1
https://app.example/cb#
https://app.example/cb#x
https://app.example/cb#@evil.example
https://app.example:443/cb
https://app.example:/cb
https://app.example:8443/cb
https://app.example:0443/cb
https://app.example./cb
https://app.example.evil.example/cb
https://evil-app.example/cb
https://evil.app.example/cb
https://app.exampleevil/cb
https://evil.example/cb
https://evil.example/https://app.example/cb
https://evil.example?https://app.example/cb
https://evil.example#https://app.example/cb
https://evil.example\\@app.example/cb
https://evil.example\\.app.example/cb
https://app.example\\cb
https://app.example@evil.example/cb
https://user@app.example/cb
https://user:pass@app.example/cb
https://@app.example/cb
https://a@b@app.example/cb
https://app.example@@evil.example/cb
https://app.example%40evil.example/cb
https://app.example%2f@evil.example/cb
https://app%2eexample/cb
https://аpp.example/cb
https://app。example/cb
https://app.examp1e/cb
https://xn--pp-7kc.example/cb
https://app.example/сb
https://*.example/cb
https://app.example/*
https://127.0.0.1/cb
https://[::1]/cb
javascript://app.example/cb
data:https://app.example/cb
""".strip().splitlines()
CONTROLLED = (
    [
        REGISTERED + tail
        for tail in ("\0", "\t", "\n", "\r", "\r\n", " ", "\x7f", "\u2028", "\u202e", "\u200b", "\ufeff")
    ]
    + [head + REGISTERED for head in ("\0", "\t", "\n", " ", "\ufeff")]
    + ["https://app.ex\tample/cb", "ht\ntps://app.example/cb", ""]
)


@pytest.mark.parametrize("presented", VARIANTS + CONTROLLED)
def test_only_the_very_same_redirect_matches(presented):
    assert not matches(REGISTERED, presented)
    assert matches(REGISTERED, REGISTERED)


@given(st.text(max_size=60))
def test_nothing_else_matches_an_https_redirect(presented):
    assert matches(REGISTERED, presented) == (presented == REGISTERED)
    assert not matches(REGISTERED, REGISTERED + "/" + presented)


@given(
    st.sampled_from(sorted(LOOPBACK_HOSTS)),
    st.integers(1, 65_535),
    st.from_regex(r"(/[a-z]*(\?[a-z=&]*)?)?", fullmatch=True),
)
def test_loopback_matches_on_any_port(host, port, rest):
    registered = f"http://{host}{rest}"
    assert matches(registered, f"http://{host}:{port}{rest}")
    assert matches(f"http://{host}:{port}{rest}", registered)
    assert matches(f"http://{host}:8080{rest}", f"http://{host}:{port}{rest}")


LOOPBACK_VARIANTS = """
http://localhost:5000/callback
http://[::1]:5000/callback
http://127.0.0.2:5000/callback
http://127.1:5000/callback
http://2130706433:5000/callback
http://127.0.0.1:/callback
http://127.0.0.1:0/callback
http://127.0.0.1:080/callback
http://127.0.0.1:65536/callback
http://127.0.0.1:99999999/callback
http://127.0.0.1:-1/callback
http://127.0.0.1:5000
http://127.0.0.1:5000/
http://127.0.0.1:5000/callback/
http://127.0.0.1:5000/callback?
http://127.0.0.1:5000/callback?a=1
http://127.0.0.1:5000/callback#
http://127.0.0.1:5000/Callback
http://127.0.0.1:5000/x/../callback
http://127.0.0.1:5000\\@evil.example/callback
http://127.0.0.1:5000@evil.example/callback
http://127.0.0.1@evil.example/callback
http://127.0.0.1.evil.example/callback
http://evil.example:5000/callback
http://user@127.0.0.1:5000/callback
https://127.0.0.1:5000/callback
HTTP://127.0.0.1:5000/callback
http://127.0.0.1:5000//callback
http://127.0.0.1:５０００/callback
http://127.0.0.1:5000/callback%20
""".strip().splitlines()


@pytest.mark.parametrize(
    "presented",
    [
        *LOOPBACK_VARIANTS,
        "http://127.0.0.1:5000/callback\n",
        "http://127.0.0.1:5000\n/callback",
        " http://127.0.0.1:5000/callback",
    ],
)
def test_loopback_frees_the_port_only(presented):
    assert not matches("http://127.0.0.1/callback", presented)


def test_another_scheme_than_http_has_no_free_port():
    assert not matches("https://localhost/cb", "https://localhost:1234/cb")
    assert not matches("cursor://localhost/cb", "cursor://localhost:1234/cb")
    assert not matches("http://app.example/cb", "http://app.example:1234/cb")


@pytest.mark.parametrize(
    "uri",
    """
https://claude.ai/api/mcp/auth_callback
https://claude.com/api/mcp/auth_callback
https://chatgpt.com/connector/oauth/a1B2-c3
https://chatgpt.com/connector_platform_oauth_redirect
https://www.cursor.com/agents/mcp/oauth/callback
cursor://anysphere.cursor-mcp/oauth/callback
claude://oauth
vscode://vscode.github-authentication/did-authenticate
https://vscode.dev/redirect
http://127.0.0.1/
http://127.0.0.1
http://127.0.0.1:33418/
http://localhost:8787/callback
http://localhost/callback
http://[::1]:9/cb
https://localhost:8443/cb
https://app.example/cb?tenant=a&b=%20c
https://app.example/@me/cb
https://xn--bcher-kva.example/cb
https://intranet/cb
https://10.0.0.7/cb
https://[2001:db8::1]:8443/cb
com.example.app:/oauth
com.example.app://oauth/cb
""".strip().splitlines(),
)
def test_redirects_of_real_clients_are_acceptable(uri):
    assert acceptable(uri) is None


REFUSED = """
javascript:alert(1)
JavaScript:alert(1)
jAvAsCrIpT://app.example/%0aalert(1)
data:text/html,x
DATA:text/html;base64,eA==
file:///etc/passwd
FiLe:///etc/passwd
vbscript:x
VBScript:x
blob:https://app.example/1
Blob:https://app.example/1
about:blank
ABOUT:blank
view-source:https://app.example/
filesystem:https://app.example/x
mailto:a@app.example
intent://app.example/cb
ftp://app.example/cb
myapp://cb
urn:ietf:wg:oauth:2.0:oob
http://app.example/cb
http://10.0.0.7/cb
http://127.0.0.2/cb
http://localhost.evil.example/cb
http://[::2]/cb
http://0.0.0.0/cb
http://2130706433/cb
https://2130706433/cb
https://0x7f.1/cb
https://127.1/cb
https://127.0.0.01/cb
https://1.2.3.4.5/cb
https://[::1/cb
https://[::g]/cb
https://[fe80::1%25eth0]/cb
https://
https:///cb
https://?x
https:app.example/cb
https://:443/cb
https://app.example:/cb
https://app.example:0/cb
https://app.example:65536/cb
https://app.example:x/cb
https://app.example./cb
https://.example/cb
https://app..example/cb
https://-app.example/cb
https://app.example/cb#
https://app.example/cb#x
https://user@app.example/cb
https://user:pass@app.example/cb
https://@app.example/cb
https://a@b@app.example/cb
https://app.example@@evil.example/cb
com.example.app://user@host/cb
https://app.example\\cb
https://evil.example\\@app.example/cb
https://*.app.example/cb
https://app.example/*
https://app%2eexample/cb
https://аpp.example/cb
https://app.example/сb
https://app.example/<script>
https://app.example/"cb
https://app.example/{cb}
https://app.example/%zz
https://app.example/%2
https://app.example/../cb
https://app.example/x/%2e%2E/cb
https://app.example/cb/.
com.example.app:/x/../cb
https://app.example/cb?code=1
https://app.example/cb?a=1&state=
https://app.example/cb?%63ode=1
https://app.example/cb?iss=x
//app.example/cb
/cb
app.example/cb
://app.example/cb
1https://app.example/cb
""".strip().splitlines()


@pytest.mark.parametrize("uri", REFUSED + CONTROLLED)
def test_what_may_not_be_registered_is_refused_with_a_reason(uri):
    reason = acceptable(uri)
    assert reason is not None
    assert reason.endswith(".")


def test_a_redirect_has_at_most_2000_characters():
    stem = "https://app.example/"
    assert acceptable(stem + "x" * (2_000 - len(stem))) is None
    assert acceptable(stem + "x" * (2_001 - len(stem))) is not None


def test_the_list_of_app_schemes_can_be_another():
    assert acceptable("myapp://cb", custom_schemes={"myapp"}) is None
    assert acceptable("cursor://cb", custom_schemes=()) is not None
    assert acceptable("javascript:x", custom_schemes={"javascript"}) is not None


@given(st.text(max_size=80))
def test_any_text_is_judged(uri):
    for text in (uri, "https://" + uri, "http://localhost" + uri):
        acceptable(text)
        host_for_people(text)


@given(st.from_regex(r"(https?|cursor|com\.example)://[a-z0-9.:@\[\]\\%]{1,20}[/?#a-z.=%*]{0,20}", fullmatch=True))
def test_what_is_acceptable_holds_nothing_that_two_readers_read_differently(uri):
    if acceptable(uri) is None:
        assert not re.search(r"[\\\s#*]", uri)
        assert "@" not in uri.split("/")[2]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("https://claude.ai/api/mcp/auth_callback", "claude.ai"),
        ("https://Claude.AI/x", "claude.ai"),
        ("https://app.example:8443/cb", "app.example:8443"),
        ("https://claude.ai@evil.example/cb", "evil.example"),
        ("http://127.0.0.1:5000/cb", "an app on this computer"),
        ("http://[::1]/cb", "an app on this computer"),
        ("http://localhost:1/cb", "an app on this computer"),
        ("http://localhost.evil.example/cb", "localhost.evil.example"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "the app that opens cursor: links"),
        ("nonsense", "an unknown address"),
        ("https:///cb", "an unknown address"),
    ],
)
def test_people_read_where_it_leads(uri, words):
    assert host_for_people(uri) == words
