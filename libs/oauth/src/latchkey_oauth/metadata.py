"""Metadata documents: the authorization server's (RFC 8414) and a protected resource's (RFC 9728).

They name only what answers. The issuer is an origin without a slash at the end, byte for byte the same here, in `iss`
of tokens and of authorization responses, and in `authorization_servers`. Encode with `msgspec.json.encode`.
"""

import re
from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

AUTHORIZATION_SERVER_PATH = "/.well-known/oauth-authorization-server"
PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource"
JWKS_PATH = "/oauth/jwks"

_BY_SECRET = ("client_secret_basic", "client_secret_post")
_CLIENT_AUTHENTICATION = (*_BY_SECRET, "none")
_URL = re.compile(r"(https?://[^/?#\s\\\"]+)(/[^?#\s\\\"]*)?")


class AuthorizationServerMetadata(msgspec.Struct, frozen=True, kw_only=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    scopes_supported: tuple[str, ...] | UnsetType = UNSET
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = ("authorization_code", "refresh_token", "client_credentials")
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = _CLIENT_AUTHENTICATION
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = _CLIENT_AUTHENTICATION
    introspection_endpoint_auth_methods_supported: tuple[str, ...] = _BY_SECRET
    authorization_response_iss_parameter_supported: bool = True


class ProtectedResourceMetadata(msgspec.Struct, frozen=True, kw_only=True):
    resource: str
    authorization_servers: tuple[str, ...]
    scopes_supported: tuple[str, ...] | UnsetType = UNSET
    bearer_methods_supported: tuple[str, ...] = ("header",)
    resource_name: str | UnsetType = UNSET


def authorization_server(
    *, issuer: str, workspace_origin: str, scopes: Iterable[str] = ()
) -> AuthorizationServerMetadata:
    """Describe the authorization server: people authorize at the workspace origin, programs talk to the issuer."""
    return AuthorizationServerMetadata(
        issuer=_origin(issuer),
        authorization_endpoint=f"{_origin(workspace_origin)}/oauth/authorize",
        token_endpoint=f"{issuer}/oauth/token",
        revocation_endpoint=f"{issuer}/oauth/revoke",
        introspection_endpoint=f"{issuer}/oauth/introspect",
        jwks_uri=issuer + JWKS_PATH,
        scopes_supported=tuple(scopes) or UNSET,
    )


def protected_resource(
    *, resource: str, issuer: str, scopes: Iterable[str] = (), name: str | None = None
) -> ProtectedResourceMetadata:
    """Describe a resource server. Leave `offline_access` out of `scopes`: it is no right at a resource."""
    protected_resource_url(resource)
    return ProtectedResourceMetadata(
        resource=resource,
        authorization_servers=(_origin(issuer),),
        scopes_supported=tuple(scopes) or UNSET,
        resource_name=name or UNSET,
    )


def protected_resource_url(resource: str) -> str:
    """Where a resource's metadata lies: the well-known path goes between its host and its path (RFC 9728 §3.1)."""
    found = _URL.fullmatch(resource)
    if found is None:
        raise ValueError("a resource is an http or https URL without query and fragment")
    path = found[2] or ""
    return found[1] + PROTECTED_RESOURCE_PATH + ("" if path == "/" else path)


def _origin(url: str) -> str:
    found = _URL.fullmatch(url)
    if found is None or found[2] is not None:
        raise ValueError("an issuer or origin is scheme and host, without a slash at the end")
    return url
