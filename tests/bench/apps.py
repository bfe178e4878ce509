"""Apps and their connections: what there is before the clock starts."""

import os
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import jwt
import msgspec
from generator import generate
from house import ORIGIN, House, credential
from load import Done, Job

from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.grants import GrantsCreate, TokenApply
from latchkey_oauth import pkce
from latchkey_oauth.token_string import CLIENT_SECRET_PREFIX, opaque, secret_hash

CHAINS = 64
_BIRTHS = 16
"""At a time: each has a transaction of its own, and more of them would only wait for each other."""
TOKEN_PATH = "/oauth/token"
AUDIENCES = (f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp")
_SCOPE = ("company:view", "company:update", "asset:view")
_REDIRECT = "https://app.example/callback"
_VERIFIER = "a-verifier-of-43-characters-or-more-0123456789"
_LONG = 600.0


@dataclass
class App:
    """A confidential client that proves itself by its secret, in the form, and by PKCE."""

    gate: Gate
    secret: str

    @property
    def id(self) -> str:
        return self.gate.client

    def form(self, **fields: str) -> str:
        return urlencode({**fields, "client_id": self.id, "client_secret": self.secret}, safe="*")

    def exchange(self, code: str) -> str:
        return self.form(
            grant_type="authorization_code", code=code, redirect_uri=_REDIRECT, code_verifier=_VERIFIER
        )  # fmt: skip

    def refresh(self, token: str) -> str:
        return self.form(grant_type="refresh_token", refresh_token=token)


def new_id() -> str:
    return os.urandom(16).hex()


async def an_app(house: House) -> App:
    """An app that the token service has been told of."""
    secret = opaque(CLIENT_SECRET_PREFIX, os.urandom(32))
    gate = Gate(
        client=new_id(), tenant=new_id(), revision=1, turn=0, client_type="confidential", proof="both",
        secret_hashes=(secret_hash(secret).hex(),), retry_window=0, default_audience="both", client_credentials=True,
    )  # fmt: skip
    await house.peer("client-registry").ask(TokenApply(gate=gate))
    return App(gate, secret)


async def codes(house: House, app: App, count: int) -> list[str]:
    """Births through the internal port, each by another user."""
    ask = GrantsCreate(
        tenant=app.gate.tenant, user=new_id(), client=app.id, document="d0" * 32, scope=_SCOPE, resources=AUDIENCES,
        redirect_uri=_REDIRECT, redirect_uri_sent=True, challenge=pkce.challenge_for(_VERIFIER),
        client_revision=app.gate.revision, client_turn=app.gate.turn,
    )  # fmt: skip
    bodies = [msgspec.json.encode(msgspec.structs.replace(ask, user=new_id())).decode() for _ in range(count)]
    job = Job(
        port=house.token.internal_port, path=GrantsCreate.path, chains=min(_BIRTHS, count), seconds=_LONG,
        bodies=bodies,
        headers=["Authorization: " + aiohttp.encode_basic_auth("auth", credential("auth"))],
        content_type="application/json", collect=["code"],
    )  # fmt: skip
    return (await generate(job)).collected["code"]


async def connections(house: House, app: App, count: int) -> dict[str, list[str]]:
    """Connections that were exchanged once: their ``refresh_token`` and ``access_token``, in the same order."""
    bodies = [app.exchange(code) for code in await codes(house, app, count)]
    job = Job(
        port=house.token.port, path=TOKEN_PATH, chains=min(CHAINS, count), seconds=_LONG, bodies=bodies,
        collect=["refresh_token", "access_token"],
    )  # fmt: skip
    return (await generate(job)).collected


async def refreshed(house: House, app: App, tokens: list[str]) -> list[str]:
    """Refresh each once; returns what they became, in whatever order."""
    job = Job(
        port=house.token.port, path=TOKEN_PATH, chains=min(CHAINS, len(tokens)), seconds=_LONG,
        bodies=[app.refresh(token) for token in tokens], collect=["refresh_token"],
    )  # fmt: skip
    return (await generate(job)).collected["refresh_token"]


async def refreshed_often(house: House, app: App, token: str, times: int) -> Done:
    """Refresh one connection so often, one time after the other."""
    job = Job(
        port=house.token.port, path=TOKEN_PATH, chains=1, seconds=_LONG, bodies=[app.refresh(token)],
        follow="refresh_token", pattern=app.refresh("*"), turns=times,
    )  # fmt: skip
    return await generate(job)


async def revoke(house: House, app: App, token: str) -> None:
    """The client ends a connection by one of its tokens (RFC 7009)."""
    body, headers = app.form(token=token), {"Content-Type": "application/x-www-form-urlencoded"}
    async with house.http.post(f"{house.token.public_url}/oauth/revoke", data=body, headers=headers) as response:
        response.raise_for_status()


def connection_of(access_token: str) -> str:
    """Which connection an access token is of."""
    sid: str = jwt.decode(access_token, options={"verify_signature": False})["sid"]
    return sid


async def add_rows(house: House, app: App, count: int) -> None:
    """Living connections of other users, straight into the table: births would take too long."""
    await house.sql("INSERT INTO granted_scope VALUES ($1, 'company:view') ON CONFLICT DO NOTHING", bytes(32))
    async with house.database.session() as connection:  # a session of its own: it takes its time
        await connection.execute("SET statement_timeout = 0; SET transaction_timeout = 0", timeout=60)
        await connection.execute("SET session_replication_role = replica")  # what they refer to is there
        await connection.execute(
            f"""
            INSERT INTO connection (id, tenant_id, user_id, client_id, expires_at, rotated_at, generation,
                redirect_uri_sent, redirect_hash, document, current_hash, nonce, resources)
            SELECT gen_random_uuid(), '{app.gate.tenant}', gen_random_uuid(), '{app.id}', now() + interval '1 year',
                now(), 1, true, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
                sha256(uuid_send(gen_random_uuid())), decode(repeat('00', 16), 'hex'), '{{{AUDIENCES[0]}}}'
            FROM generate_series(1, {count})
            """,  # noqa: S608 - our own ids
            timeout=300,
        )
        await connection.execute("ANALYZE connection", timeout=60)
