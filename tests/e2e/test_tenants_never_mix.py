"""What one tenant has is to another as if it had never been: every public route, list and body, asked with its ids.

How long an answer takes is not measured: on a busy machine, that would tell of the machine.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from apps import App
from tenants import (
    ID,
    KINDS,
    LISTS,
    RESTLESS,
    ROUTES,
    Tenant,
    change_for,
    fill,
    ids_of,
    own_ids,
    questions,
    structs_with_ids,
    unknown,
    values_of,
)

from latchkey_audit.handlers.filters import ExportAsked, PageAsked, StreamAsked
from latchkey_contracts.events import EVENTS
from latchkey_permissions.handlers.why import WhyQuery
from latchkey_token.handlers.connection_numbers import AppQuery
from latchkey_token.handlers.connections import CutQuery, ListQuery, SummaryQuery
from latchkey_token.handlers.own_connections import PartQuery

WITH_IDS = [route for route in ROUTES if "{" in route.path]
each_route = pytest.mark.parametrize("route", WITH_IDS, ids=[f"{one.method} {one.path}" for one in WITH_IDS])
QUERIES = {
    ("GET", "/v1/connections"): ListQuery,
    ("DELETE", "/v1/connections"): CutQuery,
    ("GET", "/v1/connections/summary"): SummaryQuery,
    ("GET", "/v1/audit-events"): PageAsked,
    ("GET", "/v1/audit-events/export"): ExportAsked,
    ("GET", "/v1/why"): WhyQuery,
}
"""Query strings that take an id."""
EXPORTED = ("csv", "ndjson")
TOLD = ",".join(sorted({kind.partition(".")[0] + ".*" for kind, _ in EVENTS} - {"auditlog.*"}))
"""All actions but of reading the log, for whoever searched for an id is found by that id."""


@pytest.fixture(scope="session")
def admins(stack) -> dict[str, tuple[str, str, str, str]]:
    """Two tenants: an admin's address, their password, the management client, and another member."""
    made = {}
    for name in ("umbrella", "cyberdyne"):
        password = "pw-" + os.urandom(12).hex()
        for who in ("two", "one"):
            words = ["bootstrap", "--tenant", name, "--admin", f"{who}@{name}.test"]
            env = {"PATH": os.defpath, "LATCHKEY_HOME": str(stack), "ADMIN_PASSWORD": password}
            command = [Path(sys.executable).with_name("latchkey"), *words]
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 (ours)
            assert done.returncode == 0, done.stderr
        client = done.stdout.partition("(public, PKCE): ")[2].partition(",")[0]
        made[name] = (f"one@{name}.test", password, client, f"two@{name}.test")
    return made


@pytest.fixture(scope="session")
def kept() -> dict[str, tuple[str, dict[str, str]]]:
    """Token and own ids of tenants that were filled already."""
    return {}


@pytest.fixture
def tenant(house, person, admins, kept):
    """A tenant that has something of every kind, seen by its admin."""

    async def one(name: str) -> Tenant:
        if name not in kept:
            admin, password, client, other = admins[name]
            house.used.add(password)
            tokens = await App(house, client).connect(person(admin, password), resource=[house.api, house.mcp])
            found = Tenant(house, tokens.access, {"connection": tokens.claims["sid"]})
            users = {member["email"]: member["id"] for member in await found.listed("/v1/members")}
            found.own["user"] = users[other]
            await fill(found)
            kept[name] = (tokens.access, found.own)
        return Tenant(house, *kept[name])

    return one


@pytest.fixture
async def mine(tenant) -> Tenant:
    return await tenant("umbrella")


@pytest.fixture
async def theirs(tenant):
    """The other tenant; whatever a test asks, it has what it had."""
    other = await tenant("cyberdyne")
    before = await other.everything()
    yield other
    assert await other.everything() == before


@pytest.fixture
async def foreign(mine, theirs) -> dict[str, str]:
    """Ids of the other tenant: one of each kind, and all else that its lists show."""
    shown = set(ID.findall(json.dumps(await theirs.everything())))
    known = theirs.own | {f"listed {one}": one for one in shown - set(theirs.own.values())}
    assert not set(known.values()) & set(mine.own.values())
    assert len(known) > 12
    return known


def test_no_parameter_that_takes_an_id_was_left_out():
    followed = {StreamAsked}  # it never ends, and finds by the filter that the others find by
    inside = {AppQuery, PartQuery}  # only the console gets there; tests of token ask them for another tenant
    assert dict(structs_with_ids("Query")).keys() | dict(structs_with_ids("Asked")).keys() == {
        *QUERIES.values(), *followed, *inside
    }  # fmt: skip
    assert {(route.method, route.path) for route in ROUTES} >= QUERIES.keys()
    assert len(WITH_IDS) >= 35
    assert len(LISTS) >= 10


async def test_each_tenant_finds_what_is_its_own(mine, theirs):
    """Else the other tests would show nothing."""
    for tenant in (mine, theirs):
        for route in (route for route in WITH_IDS if route.method == "GET"):
            path = route.path.format(**own_ids(route, tenant))
            assert (await tenant.ask("GET", path)).status == 200, path
        for query in ("user={user}", "user={user}&company={company}", "user={user}&client={client}"):
            path = f"/v1/why?model=company&action=view&{query}".format(**tenant.own)
            assert (await tenant.ask("GET", path)).status == 200, path
        used = (await tenant.ask("GET", "/v1/connections")).body["data"][0]["client"]
        said = await tenant.ask("GET", f"/v1/connections/summary?clients={used}")
        assert [(one["id"], one["living"]) for one in said.body["data"]] == [(used, 1)]
        for kind in KINDS:
            assert '"structuredContent"' in (await tenant.call(kind.route, "get", id=tenant.own[kind.name])).text


@each_route
async def test_an_id_of_another_tenant_is_like_one_that_never_was(mine, foreign, route):
    body, never = change_for(route), unknown()
    expected = []
    for path in questions(route, mine, never):
        said = await mine.ask(route.method, path, body)
        assert said.status == 404, (path, said)
        expected.append(said.about(never))
    for what, one in foreign.items():
        for path, wanted in zip(questions(route, mine, one), expected, strict=True):
            assert (await mine.ask(route.method, path, body)).about(one) == wanted, (what, path)


@pytest.mark.parametrize(("method", "path"), list(QUERIES), ids=lambda one: one)
async def test_a_filter_finds_as_little_as_with_an_id_that_never_was(mine, foreign, method, path):
    bases = {"/v1/why": "model=company&action=view", "/v1/connections": "", "/v1/connections/summary": ""}
    base = bases.get(path, f"action={TOLD}")
    never = unknown()
    for name in ids_of(QUERIES[method, path]):
        own = f"{base}&user={mine.own['user']}" if path == "/v1/why" and name in {"client", "company"} else base
        wanted = (await mine.ask(method, f"{path}?{own}&{name}={never}".replace("?&", "?"))).about(never)
        for what, one in foreign.items():
            said = await mine.ask(method, f"{path}?{own}&{name}={one}".replace("?&", "?"))
            assert said.about(one) == wanted, (name, what)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_records_are_filtered_exported_and_written_as_with_ids_that_never_were(mine, foreign, kind):
    never = unknown()
    for field in (field.name for field in kind.fields if field.type in {"user", "company"}):
        for path in ("?", *(f"/export?format={form}&" for form in EXPORTED)):
            address = f"/v1/{kind.route}{path}{field}="
            wanted = await mine.ask("GET", address + never)
            assert wanted.status == 200
            for what, one in foreign.items():
                assert (await mine.ask("GET", address + one)).about(one) == wanted.about(never), (what, path)
        before = await mine.listed(f"/v1/{kind.route}")
        for method, path in (("POST", ""), ("PATCH", f"/{mine.own[kind.name]}")):
            wanted = await _written(mine, kind, method, path, field, never)
            for what, one in foreign.items():
                assert await _written(mine, kind, method, path, field, one) == wanted, (what, method, field)
        assert await mine.listed(f"/v1/{kind.route}") == before


async def _written(mine, kind, method, path, field, one) -> str:
    """What is answered. Where it is taken it is undone: whose id a user's is, records do not know of anybody."""
    values = values_of(kind, mine.own["company"]) if method == "POST" else {}
    said = await mine.ask(method, f"/v1/{kind.route}{path}", values | {field: one})
    if said.status >= 300:
        return said.about(one)
    assert field != "company", "a record was put into a company that is not there"
    made = said.body["id"]
    if method == "POST":
        assert (await mine.ask("DELETE", f"/v1/{kind.route}/{made}")).status == 204
    else:
        assert (await mine.ask("PATCH", f"/v1/{kind.route}/{made}", {field: None})).status == 200
    return f"{said.status} {sorted(said.body)} {said.body[field]}".replace(one, "ASKED")


async def test_teams_and_lists_take_nobody_and_nothing_of_another_tenant(mine, foreign):
    own, never = mine.own, unknown()
    team, portfolio = f"/v1/teams/{own['team']}", f"/v1/portfolios/{own['user']}"
    for method, path, body, status in (
        ("POST", "/v1/teams", lambda one: {"name": "More", "members": [own["user"], one]}, 400),
        ("PATCH", team, lambda one: {"members": [one]}, 400),
        ("PUT", portfolio, lambda one: {"companies": [one]}, 200),  # shows nothing, whoever has it or nobody
    ):
        wanted = await mine.ask(method, path, body(never))
        assert wanted.status == status, wanted
        for what, one in foreign.items():
            assert (await mine.ask(method, path, body(one))).about(one) == wanted.about(never), (what, method, path)
    assert (await mine.ask("PUT", portfolio, {"companies": [own["company"]]})).status == 200


async def test_an_address_of_another_tenant_is_like_one_that_nobody_has(mine, theirs, admins):
    wanted = (await mine.ask("POST", "/v1/members", {"email": "nobody@cyberdyne.test"})).about("nobody")
    for address in (admins["cyberdyne"][0], admins["cyberdyne"][3], "carly@acme.test"):
        assert (await mine.ask("POST", "/v1/members", {"email": address})).about("nobody") == wanted


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_an_assistant_reaches_nothing_of_another_tenant(mine, foreign, kind):
    never = unknown()
    text = {field.name: "Taken" for field in kind.fields if field.required}
    for operation, parameters in (
        ("get", lambda one: {"id": one}),
        ("update", lambda one: {"id": one, "values": text}),
        ("remove", lambda one: {"id": one}),
    ):
        wanted = await mine.call(kind.route, operation, **parameters(never))
        assert "404: " in wanted.text
        for what, one in foreign.items():
            said = await mine.call(kind.route, operation, **parameters(one))
            assert said.about(one) == wanted.about(never), (what, operation)


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_shows_nothing_of_another_tenant_whatever_is_made_there(mine, theirs, foreign, path):
    before = await mine.everything()
    made = [await theirs.made("/v1/companies", {"name": "Elsewhere"}) for _ in range(2)]
    page = (await theirs.ask("GET", f"{path}?limit=1")).body
    try:
        their_own = set(made) | (_ids_of(await theirs.listed(path)) if path in RESTLESS else set(foreign.values()))
        rows = await mine.listed(path)
        assert not _shown(path, rows) & their_own
        if page["next_cursor"]:
            said = await mine.ask("GET", f"{path}?cursor={page['next_cursor']}&limit=200")
            assert (
                not (_shown(path, said.body["data"]) if said.status == 200 else set(ID.findall(said.text))) & their_own
            )
        assert await mine.everything() == before
    finally:
        for one in made:
            assert (await theirs.ask("DELETE", f"/v1/companies/{one}")).status == 204


def _shown(path: str, rows: list[dict]) -> set[str]:
    """Ids in a list; of the log those of its entries, for they also tell what their own admin asked about."""
    return _ids_of(rows) if path in RESTLESS else set(ID.findall(json.dumps(rows)))


def _ids_of(rows: list[dict]) -> set[str]:
    return {row.get("signed", row["id"]) for row in rows}  # ids of checkpoints are places in a log
