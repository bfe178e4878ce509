import pytest

from latchkey_oauth.errors import OAuthError
from latchkey_oauth.resource import audiences, canonical

REST, MCP = "https://api.example/v1", "https://api.example/v1/mcp"
KNOWN = (REST, MCP)


@pytest.mark.parametrize(
    "sent", [MCP, MCP + "/", "HTTPS://api.example/v1/mcp", "https://API.Example/v1/mcp", "https://API.EXAMPLE/v1/mcp/"]
)
def test_case_of_the_host_and_one_slash_are_forgiven(sent):
    assert canonical(sent, KNOWN) == MCP
    assert audiences([sent], KNOWN, KNOWN) == (MCP,)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "/v1",
        "api.example/v1",
        "http://api.example/v1",
        "https://api.example/V1",
        "https://api.example/v1//",
        "https://api.example/v1/mcp/x",
        "https://api.example/v1#",
        "https://api.example/v1?",
        "https://api.example/v1\n",
        "https://api.example.evil.example/v1",
        "https://user@api.example/v1",
        "https://api.example//",
        "https://evil.example/",
    ],
)
def test_anything_else_is_an_unknown_target(sent):
    assert canonical(sent, KNOWN) is None
    for resources in ([sent], [MCP, sent], [sent, MCP]):
        with pytest.raises(OAuthError) as caught:
            audiences(resources, KNOWN, (MCP,))
        assert caught.value.code == "invalid_target"


@pytest.mark.parametrize("resources", [[], ["https://api.example"], ["https://API.example/"]])
@pytest.mark.parametrize("default", [(MCP,), KNOWN])
def test_none_or_the_bare_origin_is_the_clients_default(resources, default):
    assert audiences(resources, KNOWN, default) == default


def test_several_add_up_once_each():
    assert audiences([MCP, REST, MCP + "/"], KNOWN, (MCP,)) == (REST, MCP)
    assert audiences([REST, "https://api.example"], KNOWN, (MCP,)) == (REST, MCP)


@pytest.mark.parametrize("default", [(), ("https://other.example/v1",)])
def test_a_default_outside_what_we_know_is_our_own_mistake(default):
    with pytest.raises(ValueError, match="default audiences"):
        audiences([], KNOWN, default)
