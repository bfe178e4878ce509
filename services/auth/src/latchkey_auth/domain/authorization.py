"""What an authorization request must look like (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2, RFC 9700 §2.1)."""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from latchkey_auth.domain.people import Tenant
from latchkey_contracts.api import Api
from latchkey_contracts.requests.clients import Client
from latchkey_oauth import pkce, redirect_uri, resource
from latchkey_oauth.errors import OAuthError, invalid_request, invalid_scope, unsupported_response_type
from latchkey_oauth.parameters import Parameters

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,255}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_SECONDS = re.compile(r"[0-9]{1,10}")
_PRESETS_OF_ASSISTANTS = frozenset({"claude", "chatgpt"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is well-formed: whether it may be granted is for permissions and the user to say."""

    audiences: tuple[str, ...]
    challenge: str | None
    scope: str | None
    no_scope_means: Literal["default", "inclusive"]
    prompt: frozenset[str] = frozenset()

    @property
    def silent(self) -> bool:
        """The app wants an answer without a page, whatever it is."""
        return "none" in self.prompt


def could_be_a_client_id(text: str | None) -> bool:
    """Whether it is worth asking who that is."""
    return text is not None and _CLIENT_ID.fullmatch(text) is not None


def proven_redirect(client: Client, presented: str | None) -> str | None:
    """The redirect URI to answer to, ``None`` if it is not the client's.

    It may be left out only by a client that has exactly one (RFC 6749 §3.1.2.3).
    """
    if presented is None:
        return client.redirect_uris[0] if len(client.redirect_uris) == 1 else None
    fits = any(redirect_uri.matches(registered, presented) for registered in client.redirect_uris)
    return presented if fits else None


def wants_sign_in(parameters: Parameters, age: float) -> bool:
    """Whether somebody who signed in ``age`` seconds ago is to do so again (OpenID Connect Core §3.1.2.1).

    What cannot be read asks for nothing here: `asked` refuses it.
    """
    if "login" in (parameters.get("prompt") or "").split():
        return True
    limit = parameters.get("max_age")
    return limit is not None and _SECONDS.fullmatch(limit) is not None and age > int(limit)


def asked(client: Client, parameters: Parameters, api: Api) -> Asked:
    """Read what a client asks for; an ``OAuthError`` goes back to its proven redirect URI."""
    _check_response(parameters)
    _check_max_age(parameters)
    assistant = client.preset in _PRESETS_OF_ASSISTANTS
    default = (api.mcp,) if assistant else api.audiences
    audiences = resource.audiences(parameters.resources, api.audiences, default)
    return Asked(
        audiences=audiences,
        challenge=_challenge(client, parameters),
        scope=_scope(parameters),
        no_scope_means="inclusive" if assistant or client.dynamic or audiences == (api.mcp,) else "default",
        prompt=_prompt(parameters),
    )


def chosen(eligible: Sequence[Tenant], name: str | None) -> Tenant | None:
    """The tenant to authorize for: the named one, or the only one. ``None`` leaves the choice to the user."""
    named = next((tenant for tenant in eligible if tenant.name == name), None)
    if named is None and len(eligible) == 1:
        return eligible[0]
    return named


def _check_response(parameters: Parameters) -> None:
    for name in ("request", "request_uri"):
        if parameters.get(name) is not None:
            raise OAuthError(f"{name}_not_supported", "Send the parameters in the query: request objects are not read.")
    if parameters.require("response_type") != "code":
        raise unsupported_response_type()
    if parameters.get("response_mode") not in (None, "query"):
        raise invalid_request("response_mode must be query.")


def _check_max_age(parameters: Parameters) -> None:
    limit = parameters.get("max_age")
    if limit is not None and not _SECONDS.fullmatch(limit):
        raise invalid_request("max_age is a number of seconds.")


def _challenge(client: Client, parameters: Parameters) -> str | None:
    challenge = parameters.get("code_challenge")
    digest = pkce.challenge_digest(challenge, parameters.get("code_challenge_method"))
    if digest is None and (client.client_type == "public" or client.proof != "secret"):
        raise invalid_request("code_challenge is missing: this client must use PKCE with S256.")
    return challenge


def _prompt(parameters: Parameters) -> frozenset[str]:
    """Read how the app wants the user to be asked (OpenID Connect Core §3.1.2.1), as apps say it without OpenID too."""
    prompt = frozenset((parameters.get("prompt") or "").split())
    if "none" in prompt and len(prompt) > 1:
        raise invalid_request("prompt is none, or other words, but not both.")
    return prompt


def _scope(parameters: Parameters) -> str | None:
    scope = parameters.get("scope")
    if scope is not None and not _SCOPE.fullmatch(scope):
        raise invalid_scope("scope is words of printable ASCII, parted by one space.")
    return scope
