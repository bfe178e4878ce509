"""A workspace with roles, members and invitations: the owners' answers, which remember what they are told."""

import re

import pytest

from latchkey_contracts.requests.console import NamedPerson, PeopleAnswer, PeopleNamed, RoleOf, RolesAnswer, RolesOf
from latchkey_contracts.requests.members import MembersAnswer, MembersGet
from latchkey_kit.web.problems import Document, FieldError

ADMIN, REP, EMPTY = "4" * 32, "5" * 32, "6" * 32
CARLY, SAM, RITA = "2" * 32, "a" * 32, "b" * 32
INVITATION = "e" * 32
SINCE = "2026-10-02T14:05:00Z"
COMPANY = {
    "name": "company",
    "route": "companies",
    "title": "Company",
    "plural": "companies",
    "actions": ["create", "view", "update", "remove", "export"],
    "management": False,
    "fields": [
        {"name": "name", "title": "Name", "type": "text", "writable": True},
        {"name": "arr", "title": "ARR", "type": "number", "writable": False},
        {"name": "address.city", "title": "City", "type": "text", "writable": True},
    ],
}
ROLE = {
    "name": "role",
    "route": "roles",
    "title": "Role",
    "plural": "roles and who has which",
    "actions": ["create", "view", "update", "remove"],
    "management": True,
    "fields": [],
}


class Town:
    """``roles`` by id as permissions shows them, ``members`` by id, ``had``: user → role, ``invited`` by id."""

    def __init__(self, house):
        self.house = house
        self.roles = {
            ADMIN: _role(ADMIN, "Admin", {"company": ["view", "update"]}, "all", app_center=True, settings=True),
            REP: _role(REP, "Rep", {"company": {"view": "*", "update": {"except": ["name"]}}}, "own"),
            EMPTY: _role(EMPTY, "Nothing", {}, "listed"),
        }
        self.people = {
            CARLY: NamedPerson(name="Carly", email="carly@acme.test"),
            SAM: NamedPerson(name="Sam", email="sam@acme.test"),
            RITA: NamedPerson(name="Rita", email="rita@acme.test"),
        }
        self.had = {CARLY: ADMIN, SAM: REP}
        self.invited = {}
        for method, path, answer in (
            ("GET", "/v1/catalogue", lambda _: {"models": [ROLE, COMPANY]}),
            ("GET", "/v1/roles", lambda _: _page(self.roles.values())),
            ("POST", "/v1/roles", self._make_role),
            ("GET", "/v1/roles/(.*)", lambda sent: self.roles.get(_last(sent), _NOTHING)),
            ("PATCH", "/v1/roles/(.*)", self._change_role),
            ("DELETE", "/v1/roles/(.*)", self._remove_role),
            ("GET", "/v1/roles/.*/members", self._holders),
            ("PUT", "/v1/roles/.*/members/.*", self._give),
            ("DELETE", "/v1/roles/.*/members/.*", self._take),
            ("POST", RolesOf.path, self._roles_of),
        ):
            house.on("permissions", method, path, answer)
        for method, path, answer in (
            ("GET", "/v1/members", lambda _: _page(_member(user, one) for user, one in self.people.items())),
            ("DELETE", "/v1/members/(.*)", self._remove_member),
            ("POST", "/v1/members/.*/password-link", lambda _: _link("/password/once")),
            ("GET", "/v1/invitations", lambda _: _page(self.invited.values())),
            ("POST", "/v1/invitations", self._invite),
            ("DELETE", "/v1/invitations/(.*)", self._withdraw),
            ("POST", MembersGet.path, self._among),
            ("POST", PeopleNamed.path, self._named),
        ):
            house.on("auth", method, path, answer)

    def _make_role(self, sent):
        made = {"id": "7" * 32, "revision": 1} | sent.body
        self.roles[made["id"]] = made
        return made

    def _change_role(self, sent):
        role = self.roles[_last(sent)]
        if sent.headers.get("If-Match") != f'"{role["revision"]}"':
            return Document(status=412, code="changed_meanwhile", title="Somebody changed this role meanwhile.")
        self.roles[role["id"]] = role | sent.body | {"revision": role["revision"] + 1}
        return self.roles[role["id"]]

    def _remove_role(self, sent):
        if _last(sent) in self.had.values():
            return Document(status=409, code="role_in_use", title="Somebody has this role.")
        del self.roles[_last(sent)]
        return None

    def _holders(self, sent):
        role = sent.path.split("/")[3]
        return _page({"id": user} for user, had in self.had.items() if had == role)

    def _give(self, sent):
        *_, role, _members, user = sent.path.split("/")
        self.had[user] = role
        return {"user": user, "role": role}

    def _take(self, sent):
        del self.had[_last(sent)]

    def _remove_member(self, sent):
        del self.people[_last(sent)]
        return {"id": _last(sent), "effective_at": SINCE}

    def _invite(self, sent):
        made = {"id": INVITATION, "created_at": SINCE, "expires_at": "2026-11-29T10:00:00Z"} | sent.body
        self.invited[INVITATION] = made | {"invited_by": CARLY}
        return made | {"url": "http://127.0.0.1:8080/invitation/once"}

    def _withdraw(self, sent):
        del self.invited[_last(sent)]

    def _among(self, sent):
        return MembersAnswer(members=tuple(user for user in sent.body["users"] if user in self.people))

    def _named(self, sent):
        return PeopleAnswer(people={user: self.people[user] for user in sent.body["users"] if user in self.people})

    def _roles_of(self, sent):
        had = {user: self.had[user] for user in sent.body["users"] if user in self.had}
        return RolesAnswer(roles={user: RoleOf(id=role, name=self.roles[role]["name"]) for user, role in had.items()})


_NOTHING = Document(status=404, code="not_found", title="There is nothing here.")


def beyond(**pointers):
    """Permissions' no to who would grant above themselves; ``pointers`` as ``permissions__company``."""
    errors = tuple(
        FieldError(pointer="/" + name.replace("__", "/"), message=message) for name, message in pointers.items()
    )
    return Document(status=403, code="beyond_yourself", title="Nobody grants above themselves.", errors=errors)


def _role(identifier, name, permissions, portfolio, **flags):
    usual = {"app_center": False, "settings": False, "audit": False}
    role = {"id": identifier, "revision": 3, "name": name, "permissions": permissions, "portfolio": portfolio}
    return role | usual | flags


def _member(user, named):
    return {"id": user, "name": named.name, "email": named.email, "since": SINCE}


def _page(rows):
    return {"data": list(rows), "next_cursor": None}


def _link(path):
    return {"url": f"http://127.0.0.1:8080{path}", "expires_at": "2026-11-22T15:00:00Z"}


def _last(sent):
    return re.search("[^/]*$", sent.path)[0]


@pytest.fixture
def town(house):
    return Town(house)
