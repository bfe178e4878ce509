"""How an app is connected: addresses, and commands with this client's own id."""

import shlex
from urllib.parse import urlencode

import msgspec

from latchkey_console.apps.views import App
from latchkey_contracts.api import Api

_PKCE = """verifier=$(openssl rand -base64 48 | tr '+/' '-_' | tr -d '=')
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr -d '=')"""


class QuickStart(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses as they are typed, and shell commands that can be copied. The secret is in none of them."""

    issuer: str
    authorize: str
    token: str
    revoke: str
    metadata: str
    rest: str
    mcp: str
    open_it: str
    exchange: str
    refresh: str
    call: str


def of(app: App, api: Api, workspace_origin: str) -> QuickStart:
    """``workspace_origin`` is where people sign in and authorize."""
    token, authorize = f"{api.origin}/oauth/token", f"{workspace_origin}/oauth/authorize"
    redirect = app.redirect_uris[0] if app.redirect_uris else "https://your-app.example/callback"
    proof = _proof(app)
    return QuickStart(
        issuer=api.origin,
        authorize=authorize,
        token=token,
        revoke=f"{api.origin}/oauth/revoke",
        metadata=f"{api.origin}/.well-known/oauth-authorization-server",
        rest=api.rest,
        mcp=api.mcp,
        open_it=_open_it(app, authorize, redirect),
        exchange=_curl(
            token, *proof, "-d grant_type=authorization_code", '-d code="$code"',
            f"--data-urlencode {shlex.quote(f'redirect_uri={redirect}')}", '-d code_verifier="$verifier"',
        ),
        refresh=_curl(token, *proof, "-d grant_type=refresh_token", '-d refresh_token="$refresh_token"'),
        call=_curl(f"{api.rest}/companies", '-H "Authorization: Bearer $access_token"'),
    )  # fmt: skip


def _open_it(app: App, authorize: str, redirect: str) -> str:
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect,
        "code_challenge_method": "S256",
    }
    address = f"{authorize}?{urlencode(query)}".replace("$", "%24")
    return f'{_PKCE}\necho "{address}&code_challenge=$challenge&state=$(openssl rand -hex 16)"'


def _proof(app: App) -> tuple[str, ...]:
    """How the app shows at the token endpoint who it is."""
    if app.holds_secrets and app.proof != "pkce":
        return (f'-u "{app.client_id}:$CLIENT_SECRET"',)
    return (f"-d client_id={app.client_id}",)


def _curl(url: str, *options: str) -> str:
    return " \\\n  ".join((f"curl {url}", *options))
