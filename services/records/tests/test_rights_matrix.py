"""Every cell of grant, ceiling, role, action, field, portfolio and place, at both doors, as a naive oracle says.

The oracle holds sets of ``(action, field)``, lists of places, and every record: it shares nothing with the service.
"""

import itertools
import json

import asyncpg
import pytest

ACME, GLOBEX = "a" * 32, "b" * 32
SAM, CARLY, KIM = "5" * 32, "6" * 32, "7" * 32
TEAM = (SAM, KIM)
ROUTES = {"company": "companies", "asset": "assets"}
FIELDS = {
    "company": (
        "name", "domain", "owner", "phase", "health", "arr", "city", "description", "address.street", "address.city",
        "address.country", "open_tasks", "assets", "created_at",
    ),
    "asset": ("company", "name", "kind", "serial"),
}  # fmt: skip
PLACED_BY = {"company": "owner", "asset": "company"}
READ_ONLY = {"open_tasks", "assets", "created_at"}
ACTIONS = ("view", "create", "update", "remove", "export")
KINDS = ("all", "own", "team", "listed")

OWNERS = {
    "own": SAM, "teammate's": KIM, "listed": CARLY, "own and listed": SAM, "other's": CARLY, "nobody's": None,
    "elsewhere": SAM,
}  # fmt: skip
PLACES = tuple(OWNERS)
COMPANIES = {place: f"{number:032x}" for number, place in enumerate(PLACES, 1)}
ASSETS = {place: f"{number:032x}" for number, place in enumerate(PLACES, 101)}
LISTED = (COMPANIES["listed"], COMPANIES["own and listed"], COMPANIES["elsewhere"])
"""``elsewhere`` is another tenant, with the same owner, and on the list by mistake."""

ALL = dict.fromkeys(ACTIONS, "*")
SETS = {
    "company": {
        "nothing": {},
        "view all": {"view": "*"},
        "view some": {"view": ["name", "phase", "address.city", "open_tasks"]},
        "update some": {"update": ["phase", "owner", "address.city"], "view": {"except": ["phase", "assets"]}},
        "create": {"create": {"except": ["arr", "address.street"]}, "view": ["name", "arr"], "update": ["arr", "city"]},
        "remove": {"remove": "*"},
        "export": {"export": ["name", "arr", "address.street"], "view": {"except": ["arr"]}, "create": ["owner"]},
        "everything": ALL,
    },
    "asset": {
        "some": {"view": ["name"], "create": ["name", "company"], "update": ["kind", "company"], "export": ["name"]},
        "other": {"view": {"except": ["kind"]}, "update": {"except": ["kind"]}, "create": ["name"], "remove": "*"},
        "everything": ALL,
    },
}


def allowed(model, plain):
    """A permission set as ``(action, field)``; removing has the field ``*``."""
    found = set()
    for action, fields in plain.items():
        if action == "remove":
            found.add((action, "*"))
            continue
        for field in FIELDS[model]:
            if fields == "*" or (field not in fields["except"] if isinstance(fields, dict) else field in fields):
                found.add((action, field))
    return found


def holds(kind, place):
    """Whether a kind of portfolio holds a place."""
    return place != "elsewhere" and place in {
        "all": PLACES,
        "own": ("own", "own and listed"),
        "team": ("own", "own and listed", "teammate's"),
        "listed": ("listed", "own and listed"),
    }[kind]  # fmt: skip


class Oracle:
    """What is expected at one combination of grant, ceiling, role and kinds of portfolio."""

    def __init__(self, model, grant, ceiling, role, granted, now):
        self.model = model
        parts = [allowed(model, SETS[model][one]) for one in (grant, ceiling, role)]
        self.rights = parts[0] & parts[1] & parts[2]
        self.grantable = parts[1] & parts[2]
        self.kinds = (granted, now)
        self.reached = [place for place in PLACES if all(holds(kind, place) for kind in self.kinds)]

    def may(self, action):
        writing = action in {"create", "update"}
        named = [name for name in FIELDS[self.model] if (action, name) in self.rights]
        return [name for name in named if not (writing and name in READ_ONLY)]

    def lacks(self, action):
        """The refusal of a whole action, or nothing."""
        if any(one == action for one, _ in self.rights):
            return None
        remedy = f"{self.model}:{action}" if any(one == action for one, _ in self.grantable) else None
        return (403, "insufficient_scope", [], remedy)

    def lacks_fields(self, action, sent):
        """The refusal of some fields by name, or nothing."""
        lacking = [name for name in sent if (action, name) not in self.rights]
        words = [f"{self.model}.{name}:update" for name in lacking] if action == "update" else [f"{self.model}:create"]
        helps = all((action, name) in self.grantable for name in lacking)
        pointers = sorted("/values/" + name.replace(".", "/") for name in lacking)
        return (403, "insufficient_scope", pointers, " ".join(words) if helps else None) if lacking else None

    def shown(self, record, action="view"):
        fields = [name for name in self.may("view") if action == "view" or name in self.may(action)]
        return {"id": record["id"]} | {name: record[name] for name in fields}

    def takes_new(self, place, sent):
        """Why a record that is made at a place is refused there, or nothing."""
        outside = (403, "outside_portfolio", None, None)
        if self.model == "company":
            owner = OWNERS[place] if "owner" in sent else None
            owners = {"all": (*OWNERS.values(), None), "own": (SAM,), "team": TEAM, "listed": ()}
            return None if all(owner in owners[kind] for kind in self.kinds) else outside
        if "company" not in sent or place == "nobody's":
            return None if self.kinds == ("all", "all") else outside
        return None if place in self.reached else (400, "invalid_request", ["/values/company"], None)

    def takes_moved(self, target):
        """Why a record that goes to another company, or a company that goes to another owner, is refused, or nothing.

        A company on a list stays on it, whoever owns it.
        """
        if self.model == "asset":
            return self.takes_new(target, ["company"])
        owners = {"all": (*OWNERS.values(), None), "own": (SAM,), "team": TEAM, "listed": OWNERS.values()}
        inside = all(OWNERS[target] in owners[kind] for kind in self.kinds)
        return None if inside else (403, "outside_portfolio", None, None)


class World:
    """Every record as it should be, by place, and how they come back."""

    def __init__(self, house, model, connection):
        self.house, self.model, self.connection = house, model, connection
        self.ids = COMPANIES if model == "company" else ASSETS
        self.records = {place: self._record(place) for place in PLACES}
        self.turns = itertools.count(1)

    def _record(self, place):
        texts = {name: f"{name} of {place}" for name in FIELDS[self.model]}
        if self.model == "asset":
            company = None if place == "nobody's" else COMPANIES[place]
            return texts | {"id": self.ids[place], "company": company}
        numbers = {"arr": 7, "open_tasks": 0, "assets": 0, "created_at": "2026-01-01T00:00:00Z"}
        return texts | numbers | {"id": self.ids[place], "owner": OWNERS[place]}

    async def load(self, places=PLACES):
        for place in places:
            kept = {name: value for name, value in self.records[place].items() if name not in {"open_tasks", "assets"}}
            tenant = GLOBEX if place == "elsewhere" else ACME
            assert await self.house.load(self.model, nested(kept), tenant=tenant) == 1

    async def forget(self, record):
        await self.connection.execute(f"DELETE FROM {self.model} WHERE id = $1", record)  # noqa: S608 - one of two

    async def put_back(self, place):
        """Undo a move."""
        record, field = self.records[place], PLACED_BY[self.model]
        statement = f"UPDATE {self.model} SET {field}_id = $2 WHERE id = $1"  # noqa: S608 - as above
        await self.connection.execute(statement, record["id"], record[field])

    def new_values(self, place, names):
        """Values that are not those of now, where the place of a record does not hang on them."""
        turn, record = next(self.turns), self.records[place]
        fresh = {name: f"{name} {turn}" for name in names} | {"arr": turn}
        return {name: record[name] if name in {"owner", "company"} else fresh[name] for name in names}


def nested(flat):
    found = {}
    for name, value in flat.items():
        head, _, leaf = name.partition(".")
        if leaf:
            found.setdefault(head, {})[leaf] = value
        else:
            found[head] = value
    return found


class Cells:
    """Asks both doors for one combination after the other, and keeps what is not as the oracle says."""

    def __init__(self, house, world):
        self.house, self.world, self.model, self.route = house, world, world.model, ROUTES[world.model]
        self.count, self.differences, self.where = 0, [], ""

    def compare(self, what, found, expected, cells=1):
        self.count += cells
        if found != expected:
            self.differences.append(f"{self.where}: {what}\n    expected {expected}\n    found    {found}")

    async def combination(self, names, places=PLACES):
        """All actions on all fields, on the records of these places; what is listed and exported holds all places."""
        grant, ceiling, role, granted, now = names
        self.where = f"{self.model}: {grant} ∩ {ceiling} ∩ {role}, {granted} ∩ {now}"
        self.oracle = Oracle(self.model, *names)
        sets = SETS[self.model]
        self.token = self.house.grant(
            {self.model: sets[grant]}, ceiling={self.model: sets[ceiling]}, role={self.model: sets[role]},
            portfolio=granted, now=now, team=TEAM, listed=LISTED,
        )  # fmt: skip
        await self._lists()
        await self._filters()
        await self._exports()
        for place in places:
            await self._gets(place)
            await self._updates(place)
            await self._creates(place)
            await self._removes(place)
        for target in PLACES:
            await self._moves(target)

    async def _both(self, operation, **parameters):
        """The same at both doors: status, and body or code, pointers and remedy."""
        yield "REST", await self._rest(operation, parameters)
        performed = await self.house.perform(self.token, self.route, operation, **parameters)
        yield "MCP", said(performed.status, performed.body, performed.remedy)

    async def _rest(self, operation, parameters):
        method = {"list": "GET", "get": "GET", "create": "POST", "update": "PATCH", "remove": "DELETE"}[operation]
        path = f"/v1/{self.route}" + (f"/{parameters['id']}" if "id" in parameters else "")
        more = {"json": parameters["values"]} if "values" in parameters else {"params": parameters.get("filter", {})}
        answer = await self.house.ask(method, path, self.token, **more)
        challenge = answer.headers.get("WWW-Authenticate", "")
        remedy = challenge.partition('scope="')[2].partition('"')[0] or None
        if answer.status == 204:
            return (204, {"id": parameters["id"], "removed": True})
        prefix = "/values" if "values" in parameters else "/filter"
        return said(answer.status, answer.body, remedy, prefix)

    async def _lists(self):
        records = [self.oracle.shown(self.world.records[place]) for place in self.oracle.reached]
        expected = self.oracle.lacks("view") or (200, {"data": nested_all(records), "next_cursor": None})
        async for door, found in self._both("list"):
            self.compare(f"list, {door}", found, expected, len(FIELDS[self.model]) * len(PLACES))

    async def _filters(self):
        """Those that may not be viewed are unknown, each by name."""
        hidden = [name for name in FIELDS[self.model] if name not in self.oracle.may("view")]
        expected = (400, "invalid_request", sorted(f"/filter/{name}" for name in hidden), None)
        if hidden and not self.oracle.lacks("view"):
            async for door, found in self._both("list", filter=dict.fromkeys(hidden, "5")):
                self.compare(f"filter, {door}", found, expected, len(hidden))

    async def _exports(self):
        answer = await self.house.get(f"/v1/{self.route}/export", self.token, format="ndjson")
        cells = len(FIELDS[self.model]) * len(PLACES)
        if expected := self.oracle.lacks("export"):
            self.compare("export", (answer.status, answer.body["code"], answer.pointers), expected[:3], cells)
            return
        records = [self.oracle.shown(self.world.records[place], "export") for place in self.oracle.reached]
        text = answer.body or b""
        found = [json.loads(line) for line in text.splitlines()] if answer.status == 200 else answer.body
        self.compare("export", (answer.status, found), (200, nested_all(records)), cells)

    async def _gets(self, place):
        record = self.world.records[place]
        expected = self.oracle.lacks("view") or self._missing(place) or (200, nested(self.oracle.shown(record)))
        async for door, found in self._both("get", id=record["id"]):
            self.compare(f"get {place}, {door}", found, expected, len(FIELDS[self.model]))

    async def _updates(self, place):
        """What may be changed is changed, and all at once is refused with the names of what may not."""
        record, oracle = self.world.records[place], self.oracle
        writable = [name for name in FIELDS[self.model] if name not in READ_ONLY]
        fields = oracle.may("update")
        for sent in [writable] if fields in ([], writable) else [fields, writable]:
            values = self.world.new_values(place, sent)
            refused = oracle.lacks("update") or oracle.lacks_fields("update", sent) or self._missing(place)
            if not refused:
                record |= values
            expected = refused or (200, nested(oracle.shown(record)))
            async for door, found in self._both("update", id=record["id"], values=nested(values)):
                self.compare(f"update {place} {sent}, {door}", found, expected, len(sent))

    async def _moves(self, target):
        """A record within reach goes to another place, or stays where it was; each in its turn."""
        oracle, field = self.oracle, PLACED_BY[self.model]
        if not oracle.reached or oracle.lacks("update") or oracle.lacks_fields("update", [field]):
            return
        place = oracle.reached[self.count % len(oracle.reached)]
        record = self.world.records[place]
        value = OWNERS[target] if self.model == "company" else self.world.records[target]["company"]
        expected = oracle.takes_moved(target) or (200, nested(oracle.shown(record | {field: value})))
        async for door, found in self._both("update", id=record["id"], values={field: value}):
            whole = expected[1] != "outside_portfolio"
            self.compare(
                f"move {place} to {target}, {door}", *((found, expected) if whole else (found[:2], expected[:2]))
            )
            await self.world.put_back(place)

    async def _creates(self, place):
        oracle = self.oracle
        writable = [name for name in FIELDS[self.model] if name not in READ_ONLY]
        fields = oracle.may("create")
        for sent in [writable] if fields in ([], writable) else [sorted({"name", *fields}), writable]:
            values = self.world.new_values(place, sent)
            refused = oracle.lacks("create") or oracle.lacks_fields("create", sent) or oracle.takes_new(place, sent)
            async for door, found in self._both("create", values=nested(values)):
                await self._created(f"create at {place} {sent}, {door}", values, found, refused)

    async def _created(self, what, values, found, refused):
        if found[0] == 201:
            await self.world.forget(found[1]["id"])
        if refused and refused[1] == "outside_portfolio":
            self.compare(what, found[:2], refused[:2], len(values))
        elif refused or found[0] != 201:
            self.compare(what, found, refused or (201,), len(values))
        else:
            blank = dict.fromkeys(FIELDS[self.model]) | {"open_tasks": 0, "assets": 0}
            made = blank | values | {"id": found[1]["id"], "created_at": found[1].get("created_at")}
            self.compare(what, found, (201, nested(self.oracle.shown(made))), len(values))

    async def _removes(self, place):
        record = self.world.records[place]["id"]
        expected = self.oracle.lacks("remove") or self._missing(place) or (204, {"id": record, "removed": True})
        async for door, found in self._both("remove", id=record):
            self.compare(f"remove {place}, {door}", found, expected)
            if found[0] == 204:
                await self.world.load([place])

    def _missing(self, place):
        return None if place in self.oracle.reached else (404, "not_found", [], None)


def nested_all(records):
    return [nested(record) for record in records]


def said(status, body, remedy, prefix=""):
    if status < 400:
        return (status, body)
    return (status, body["code"], sorted(prefix + error["pointer"] for error in body.get("errors", ())), remedy)


@pytest.fixture
def cells(house):
    """``cells(model)``: the records of a model, ready to be asked for."""
    connections = []

    async def make(model):
        connection = await asyncpg.connect(house.served.settings.database_url.reveal())
        connections.append(connection)
        if model == "asset":
            await World(house, "company", connection).load()
        world = World(house, model, connection)
        await world.load()
        return Cells(house, world)

    yield make
    for connection in connections:
        connection.terminate()


def report(cells):
    print(f"{cells.count} cells, {len(cells.differences)} differences")  # noqa: T201 - shown when it fails
    assert not cells.differences, "\n".join(cells.differences[:20])
    assert cells.count > 3000, "hardly anything was asked"


async def test_whatever_grant_ceiling_and_role_have_in_common(cells):
    """Many sets of rights; the portfolios and the places of single records take turns."""
    cells = await cells("company")
    ceilings = ("view some", "create", "remove", "everything")
    roles = ("update some", "export", "remove", "everything")
    portfolios = [*itertools.product(KINDS, KINDS), ("all", "all")]  # 17: they fall on other sets each time
    turns = zip(itertools.cycle(portfolios), itertools.cycle(PLACES), strict=False)
    sets = itertools.product(SETS["company"], ceilings, roles)
    for three, ((granted, now), place) in zip(sets, turns, strict=False):
        await cells.combination((*three, granted, now), [place])
    report(cells)


@pytest.mark.parametrize("granted", KINDS)
@pytest.mark.parametrize(
    ("model", "grants", "ceilings", "roles"),
    [
        ("company", ["everything", "update some"], ["everything", "create"], ["everything", "export"]),
        ("asset", ["everything", "some"], ["everything", "other"], ["everything"]),
    ],
)
async def test_every_right_in_every_portfolio_at_every_place(cells, model, grants, ceilings, roles, granted):
    cells = await cells(model)
    for names in itertools.product(grants, ceilings, roles, [granted], KINDS):
        await cells.combination(names)
    report(cells)
