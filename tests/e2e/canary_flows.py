"""Canaries through every flow: the right ones on their own way, and all of them in wrong places."""

import asyncio
import contextlib
import dataclasses
import os
import signal
from collections.abc import Iterator
from functools import partial

import aiohttp
import keepers
import wrong_places
from apps import App, Tokens
from people import Person
from wrong_places import PLAIN, TYPED, at_once, places, send

from latchkey_cli.operator import operating
from latchkey_cli.roles import ADMIN
from latchkey_contracts.requests.operator import ClientPut, LabsPut, MemberPut, TenantPut, UserPut
from latchkey_contracts.requests.permissions import RoleAssign, RolePut
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_oauth.token_string import opaque

EMAIL = "nell@aviary.test"
APIS = ("/v1/companies", "/v1/oauth-clients", "/v1/connections", "/v1/audit-events", "/v1/mcp")
OPEN = (
    "/oauth/token", "/oauth/revoke", "/oauth/jwks", "/oauth/authorize", "/login", "/logout", "/v1/catalogue",
    "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource", "/nothing", "/internal/users",
)  # fmt: skip
DOORS = (*APIS, *OPEN)


@dataclasses.dataclass
class Aviary:
    """A tenant of our own, whose every secret is a canary."""

    person: Person
    app: App
    other: App
    password: str


async def build(house) -> Aviary:
    used = house.used
    password = used.hatch("a user's password", 'N"&+%é<{}')
    secrets = [used.watch("a client's secret", opaque("lk_cs_", os.urandom(32))) for _ in range(2)]
    async with operating() as operator:
        tenant = (await operator.auth.ask(TenantPut(name="aviary", title="Aviary"))).id
        user = (await operator.auth.ask(UserPut(email=EMAIL, name="Nell", password=password))).id
        await operator.auth.ask(MemberPut(tenant=tenant, user=user))
        role = RolePut(tenant=tenant, name="Admin", permissions=ADMIN, portfolio="all", audit=True)
        await operator.permissions.ask(
            RoleAssign(tenant=tenant, user=user, role=(await operator.permissions.ask(role)).role)
        )
        await operator.client_registry.ask(LabsPut(tenant=tenant, on=True))
        clients = [
            await operator.client_registry.ask(
                ClientPut(
                    tenant=tenant, name=f"app {number}", description="", client_type="confidential",
                    redirect_uris=("http://127.0.0.1/callback",), permissions=ADMIN, secret=secret,
                )
            )
            for number, secret in enumerate(secrets)
        ]  # fmt: skip
    apps = [App(house, client.id, secret) for client, secret in zip(clients, secrets, strict=True)]
    return Aviary(Person(house, EMAIL, password), *apps, password)


async def sign_in(house, aviary: Aviary) -> None:
    """Wrong passwords, the password where the address belongs, forms that are stale or from elsewhere."""
    used = house.used
    url, _ = aviary.app.ask(state=used.hatch("state"), login_hint=used.hatch("a password as a hint", "{} "))
    nell = aviary.person
    page = await nell.request("GET", url)
    form = page.form("password")
    wrong, elsewhere = used.hatch("a wrong password"), used.hatch("a password as the address", "{}@x\"'é")
    for fields in (
        {"email": EMAIL, "password": wrong},
        {"email": aviary.password, "password": aviary.password},
        {"email": elsewhere, "password": wrong},
        {"email": elsewhere},
        {"email": EMAIL, "password": wrong * 1000},
        {"email": EMAIL, "password": wrong, "csrf": used.hatch("a CSRF token of nobody")},
        {"email": EMAIL, "password": wrong, "next": f"https://evil.test/{wrong}"},
    ):
        page = await nell.submit(page, form, **fields)
        form = page.form("password") or form
    await nell.request("POST", f"{house.origin}/login", data=form["fields"] | {"email": EMAIL, "password": wrong},
                       headers={"Origin": "https://evil.test"})  # fmt: skip
    assert (await nell.authorize(url, decision="cancel"))["error"] == "access_denied"
    stale = {"csrf": used.hatch("a CSRF token of consent"), "decision": "authorize", "code": wrong}
    assert (await nell.request("POST", url, data=stale)).status == 403


async def authorize(house, aviary: Aviary) -> None:
    """Secrets in authorization requests that are refused."""
    used, app, nell = house.used, aviary.app, aviary.person
    for label, make in (TYPED | PLAIN).items():
        for name in (
            "client_id", "redirect_uri", "scope", "resource", "state", "response_type", "response_mode",
            "code_challenge", "code_challenge_method", "request", "request_uri", "prompt", "tenant", "id_token_hint",
        ):  # fmt: skip
            value = used.watch(f"{label} as {name} of an authorization request", make())
            await nell.request("GET", app.ask(**{"state": "s", name: value})[0])
            await nell.request("GET", app.ask(**{"state": "s", name: [value, value]})[0])
    value = used.watch("a code in a redirect", wrong_places.sealed("code"))
    await nell.request("GET", app.ask(redirect_uri=f"http://127.0.0.1:4711/callback?code={value}")[0])


async def exchange(house, aviary: Aviary) -> None:
    """Codes and refresh tokens: right, wrong, again, by others, after their end."""
    app, other, nell = aviary.app, aviary.other, aviary.person
    for last in ("replay", "revoke", "code again"):
        url, verifier = app.ask(state=house.used.hatch("state"))
        answer = await nell.authorize(url)
        form = {"grant_type": "authorization_code", "code": answer["code"], "code_verifier": verifier}
        form["redirect_uri"] = "http://127.0.0.1:4711/callback"
        wrong = house.used.watch("a wrong verifier", wrong_places.random_text())
        secret = house.used.watch("a wrong secret", TYPED["client secret"]())
        for changed in (
            {"code_verifier": wrong}, {"code_verifier": ""}, {"redirect_uri": f"https://evil.test/{wrong}"},
            {"client_secret": secret}, {"client_secret": ""}, {"client_id": secret}, {"resource": secret},
        ):  # fmt: skip
            assert (await app.post("/oauth/token", form | changed))[0] in (400, 401)
        assert (await other.post("/oauth/token", form))[0] == 400
        status, body = await app.post("/oauth/token", form)
        assert status == 200, body
        first = body["refresh_token"]
        second = (await app.refreshed(first)).refresh
        for changed in ({"scope": "company:explode"}, {"resource": "https://evil.test"}, {"client_secret": secret}):
            await app.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": second} | changed)
        assert (await other.refresh(second))[0] == 400
        assert await other.revoke(second) == 400
        if last == "replay":
            assert (await app.refresh(first))[0] == 400
        elif last == "revoke":
            assert await app.revoke(body["access_token"]) == 200
        else:
            assert (await app.post("/oauth/token", form))[0] == 400
        assert (await app.refresh(second))[0] == 400
        await house.ask("GET", "/v1/companies", body["access_token"])
        await house.ask("POST", "/v1/mcp", body["access_token"], json={})


async def own_words(house, aviary: Aviary) -> None:
    """Strings of ours as user agent and as request id, in what is told to the audit log."""
    tokens = await aviary.app.connect(aviary.person, resource=[house.api, house.mcp])
    for kind, make in TYPED.items():
        agent = house.used.watch(f"{kind} as a user agent", make())
        request_id = house.used.watch(f"{kind} as a request id", make())
        words = {"User-Agent": f"app/1 {agent} (x)", "X-Request-Id": request_id}
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        secret = {"client_id": aviary.app.client_id, "client_secret": aviary.app.client_secret}
        status, body, _ = await house.ask("POST", "/oauth/token", data=form | secret, headers=words)
        assert status == 200
        tokens = Tokens(body)
        house.used |= {tokens.access, tokens.refresh}
        status, made, _ = await house.ask("POST", "/v1/companies", tokens.access, json={"name": "Own"}, headers=words)
        assert status == 201
        await house.ask("DELETE", f"/v1/companies/{made['id']}", tokens.access, headers=words)
        await aviary.person.request("POST", f"{house.origin}/login", data={"email": EMAIL}, headers=words)
        page = await aviary.person.request("GET", aviary.app.ask()[0])
        await aviary.person.submit(page, page.form("decision"), decision="cancel")


async def wrong_ways(house, aviary: Aviary) -> None:
    """Made-up secrets of every kind in every wrong place of every door, with a token that is good elsewhere."""
    token = (await aviary.app.connect(aviary.person, resource=[house.api, house.mcp])).access
    jobs = []
    for number, request in enumerate(_own_of_each(house)):
        for step in range(0, len(DOORS), 3):  # each place is tried at every door, though not with every kind
            path = DOORS[(number + step) % len(DOORS)]
            bearer = {"Authorization": f"Bearer {token}"} if path in APIS else {}
            jobs.append(partial(_try, house, path, request, bearer))
    statuses = await at_once(jobs)
    assert not [status for status in statuses if status >= 500], "bad input is never our fault"


def _own_of_each(house, where: str = "") -> Iterator[wrong_places.REQUEST]:
    """Every place with every kind: a value of its own for each tells us later where it was let loose."""
    for kind, make in (TYPED | PLAIN).items():
        typed = kind in TYPED and not where
        for place, _ in places(make(), typed=typed):
            own = house.used.watch(f"{kind} in {place}{where}", make())
            yield dict(places(own, typed=typed))[place]


async def living_secrets(house, aviary: Aviary) -> None:
    """Secrets that are in use, everywhere but in their own place."""
    tokens = await aviary.app.connect(aviary.person, resource=[house.api, house.mcp])
    living = {aviary.password, tokens.access, tokens.refresh, aviary.other.client_secret, *aviary.person.cookies}
    living |= {aviary.person.csrf, *keepers.passwords(house.folder).values()}
    bearer = {"Authorization": f"Bearer {tokens.access}"}
    jobs = []
    for value in living:
        typed = value.startswith(("lk_", "eyJ"))
        for number, (_, request) in enumerate(places(value, typed=typed)):
            path = DOORS[(number + len(jobs)) % len(DOORS)]
            jobs.append(partial(_try, house, path, request, bearer if path in APIS else {}))
    statuses = await at_once(jobs)
    assert not [status for status in statuses if status >= 500]


async def inside(house, aviary: Aviary) -> None:
    """Internal requests with credentials that are wrong, and with bodies that are: by a caller that is known."""
    ports = await _listening(house, ("-internal", "-admin"))
    paths = ("/internal/users", "/internal/clients", "/internal/perform", "/internal/grants", "/feed", "/readyz")
    secret = keepers.passwords(house.folder)["internal/operator"]
    jobs = []
    for request in _own_of_each(house, ", inside"):
        for port in ports.values():
            jobs.append(partial(_at, house, f"http://127.0.0.1:{port}{paths[len(jobs) % len(paths)]}", request, {}))
    await at_once(jobs)
    hatch = house.used.hatch
    async with operating() as operator:
        for peer in (operator.auth, operator.client_registry, operator.permissions, operator.records):
            for path in ("/internal/users", "/internal/clients", "/internal/tenants", "/internal/roles"):
                for body in (
                    {"email": hatch("e-mail, inside"), "password": [hatch("a password, inside")]},
                    {"email": EMAIL, "name": "x", "password": {"x": hatch("a password in an object, inside")}},
                    {"client_type": hatch("a type, inside"), "secret": 5, "tenant": hatch("a tenant, inside")},
                    {"tenant": "0" * 32, "name": "x", "secret": hatch("a secret, inside"), "client_type": "x"},
                ):
                    with contextlib.suppress(PeerRefused):
                        await peer.send("POST", path, wrong_places.json.dumps(body).encode())
    strangers = [Peer(house.http, f"http://127.0.0.1:{port}", hatch("a caller's name"), hatch("a caller's secret"))
                 for port in ports.values()]  # fmt: skip
    strangers += [Peer(house.http, f"http://127.0.0.1:{port}", "mcp", secret) for port in ports.values()]
    for peer in strangers:
        with contextlib.suppress(PeerRefused, PeerUnavailable):
            await peer.send("GET", "/feed")


async def broken_http(house, aviary: Aviary) -> None:
    """What is no HTTP at all, at every port."""
    del aviary
    ports = [*(await _listening(house, ("",))).values(), house.stack["port"]]
    for kind, make in (TYPED | PLAIN).items():
        own = house.used.watch(f"{kind} in broken HTTP", make())
        sent = own.encode()
        messages = (
            b"GET /?code=" + sent + b" HTTP/9.9\r\n\r\n",
            b"GET /\x00" + sent + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            sent + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
            sent + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization Bearer " + sent + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: " + sent + b"\x01\r\nContent-Length: " + sent + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + sent + b"\r\n\r\n",
            b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\ncode=" + sent,
            b"GET /" + sent * (200_000 // len(sent)) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        await at_once([partial(_shout, port, message) for port in ports for message in messages])


async def while_parts_die(house, aviary: Aviary) -> None:
    """Right and wrong secrets while what would judge them is being killed."""
    tokens = await aviary.app.connect(aviary.person, resource=[house.api, house.mcp])
    url, _ = aviary.app.ask()
    for part in ("postgres", "nats", "heads", "records", "auth", "token"):
        os.kill(keepers.pid_of(house.folder, part), signal.SIGKILL)
        for turn in range(6):
            questions = [{"method": "GET", "url": url}]
            for label, make in TYPED.items():
                own = house.used.watch(f"{label} while {part} dies", make())
                questions += _questions(house, aviary.app, own, {"Authorization": f"Bearer {tokens.access}"})
            await at_once([partial(_whatever_comes, house.http, question) for question in questions])
            await asyncio.sleep(0.2 if turn else 0)
        await eventually(partial(_serves, house, tokens.access), 60)


def _questions(house, app: App, own: str, bearer: dict[str, str]) -> list[wrong_places.REQUEST]:
    """A secret at every door that asks somebody else about it."""
    form = app.form(grant_type="refresh_token", refresh_token=own, token=own, code=own)
    posted = [
        ("/oauth/token", form),
        ("/oauth/token", form | {"client_secret": own}),
        ("/oauth/token", form | {"client_id": own}),
        ("/oauth/revoke", form),
    ]
    return [
        *({"method": "POST", "url": house.origin + path, "data": data} for path, data in posted),
        {"method": "GET", "url": f"{house.api}/companies/{own}?token={own}", "headers": bearer},
        {"method": "GET", "url": f"{house.api}/audit-events", "headers": {"Authorization": f"Bearer {own}"}},
        {"method": "GET", "url": f"{house.origin}/oauth/authorize?client_id={own}"},
        {"method": "POST", "url": house.mcp, "headers": bearer, "json": wrong_places.call(own)},
    ]


async def _whatever_comes(http, request: wrong_places.REQUEST) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async with http.request(**request, allow_redirects=False) as response:
            await response.read()


async def _serves(house, token: str) -> bool:
    paths = ("/v1/companies", "/v1/connections", "/v1/audit-events", "/v1/oauth-clients")
    return all([(await house.ask("GET", path, token, attempts=1))[0] == 200 for path in paths])


async def _listening(house, endings: tuple[str, ...]) -> dict[str, int]:
    """Ports of services: one without routes is not opened."""
    found = {}
    for name, port in house.stack["ports"].items():
        if name.endswith(endings) and not name.startswith(("nats", "streams", "gateway")):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                found[name] = port
    return found


async def _shout(port: int, message: bytes) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(message)
                writer.write_eof()
                await reader.read()
            finally:
                writer.close()


async def _try(house, path: str, request, headers) -> int:
    return await _at(house, house.origin + path, request, headers)


async def _at(house, url: str, request, headers) -> int:
    return await send(house.http, url, request, method="GET", headers=headers)


FLOWS = (sign_in, authorize, exchange, own_words, wrong_ways, living_secrets, inside, broken_http)
