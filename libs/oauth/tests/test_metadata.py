import msgspec
import pytest

from latchkey_oauth.metadata import authorization_server, protected_resource, protected_resource_url

ISSUER = "https://api.example"


def wire(document) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(document))


def test_the_authorization_server_names_what_answers_and_nothing_else():
    document = wire(
        authorization_server(issuer=ISSUER, workspace_origin="https://ws.example", scopes=["offline_access"])
    )
    assert document == {
        "issuer": "https://api.example",
        "authorization_endpoint": "https://ws.example/oauth/authorize",
        "token_endpoint": "https://api.example/oauth/token",
        "revocation_endpoint": "https://api.example/oauth/revoke",
        "introspection_endpoint": "https://api.example/oauth/introspect",
        "jwks_uri": "https://api.example/oauth/jwks",
        "scopes_supported": ["offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }


def test_the_resource_points_at_the_same_issuer():
    document = wire(
        protected_resource(resource=ISSUER + "/v1/mcp", issuer=ISSUER, scopes=["inclusive"], name="Latchkey MCP")
    )
    assert document == {
        "resource": "https://api.example/v1/mcp",
        "authorization_servers": ["https://api.example"],
        "scopes_supported": ["inclusive"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Latchkey MCP",
    }


def test_absent_members_are_left_out_never_null():
    documents = [
        wire(authorization_server(issuer=ISSUER, workspace_origin=ISSUER)),
        wire(protected_resource(resource=ISSUER + "/v1", issuer=ISSUER)),
    ]
    for document in documents:
        assert "scopes_supported" not in document
        assert "resource_name" not in document
        assert None not in document.values()


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        (ISSUER, "https://api.example/.well-known/oauth-protected-resource"),
        (ISSUER + "/", "https://api.example/.well-known/oauth-protected-resource"),
        (ISSUER + "/v1/mcp", "https://api.example/.well-known/oauth-protected-resource/v1/mcp"),
        ("http://localhost:8080/v1", "http://localhost:8080/.well-known/oauth-protected-resource/v1"),
    ],
)
def test_the_well_known_path_is_inserted(resource, url):
    assert protected_resource_url(resource) == url


@pytest.mark.parametrize(
    "issuer", ["https://api.example/", "api.example", "https://api.example/t", "https://api.example?x", ""]
)
def test_an_issuer_that_clients_could_not_compare_is_refused(issuer):
    with pytest.raises(ValueError, match="issuer or origin"):
        authorization_server(issuer=issuer, workspace_origin=ISSUER)
    with pytest.raises(ValueError, match="issuer or origin"):
        protected_resource(resource=ISSUER, issuer=issuer)


@pytest.mark.parametrize(
    "resource", ["https://api.example/v1?x", "https://api.example/v1#x", "/v1", "ftp://h/", 'https://h/"']
)
def test_a_resource_is_an_absolute_url(resource):
    with pytest.raises(ValueError, match="a resource is"):
        protected_resource(resource=resource, issuer=ISSUER)
