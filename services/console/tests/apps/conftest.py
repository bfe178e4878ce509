"""A client registry that remembers, as far as the pages of the App Center can tell."""

import hashlib

import pytest

from latchkey_contracts.requests.console import LabsAnswer, LabsOf, LinesAnswer, LinesOf, PeopleAnswer, PeopleNamed
from latchkey_contracts.requests.permissions import CATALOGUE_PATH, ConsentLine
from latchkey_kit.web.problems import Document, FieldError
from latchkey_oauth.redirect_uri import acceptable

ONE = "/v1/oauth-clients/([0-9a-f]{32})"
AT = "2026-11-22T12:00:00Z"
COMPANY = {
    "name": "company",
    "route": "companies",
    "title": "Company",
    "plural": "companies",
    "actions": ["create", "view", "update", "remove", "export"],
    "fields": [
        {"name": "name", "type": "text", "title": "Name"},
        {"name": "phase", "type": "text", "title": "Phase"},
        {"name": "arr", "type": "number", "title": "ARR", "writable": False},
    ],
}
ANA, USER = "a" * 32, "2" * 32


class Registry:
    """``apps`` are clients by id, as the management API shows them; ``use`` what `/v1/connections/count` says.

    ``uses``, by id, is what `/v1/connections/summary` says of those who are connected.
    """

    def __init__(self, house):
        self.apps = {}
        self.labs = True
        self.secrets_used = {}
        self.use = {"living": 3, "users": 2, "last_used_at": "2026-11-22T11:58:00Z"}
        self.uses = {}
        self._minted = 0
        self._once = {}
        here = "client-registry"
        house.on(here, "GET", "/v1/oauth-clients", lambda _: {"data": list(self.apps.values()), "next_cursor": None})
        house.on(here, "POST", "/v1/oauth-clients", self.create)
        house.on(here, "GET", ONE, lambda sent: self._found(sent) or _nothing())
        house.on(here, "PATCH", ONE, self.edit)
        house.on(here, "DELETE", ONE, lambda sent: self.apps.pop(self._id(sent)))
        for verb in ("disable", "enable", "regenerate", "secrets", "publish"):
            house.on(here, "POST", f"{ONE}/{verb}", getattr(self, verb))
        house.on(here, "DELETE", f"{ONE}/secrets/[0-9a-f]*", self.retire)
        house.on(here, "DELETE", f"{ONE}/publish", lambda sent: self.touch(sent, publishing={"state": "none"}))
        house.on(here, "PUT", f"{ONE}/logo", lambda sent: self.touch(sent, logo=f"/logos/{self._id(sent)}/x.png"))
        house.on(here, "DELETE", f"{ONE}/logo", lambda sent: self.touch(sent, logo=None))
        house.on(here, "POST", LabsOf.path, lambda _: LabsAnswer(on=self.labs))
        house.on("token", "GET", "/v1/connections/count", lambda _: self.use)
        house.on("token", "GET", "/v1/connections/summary", self._summary)
        house.on("token", "GET", "/v1/connections/secrets-used", lambda _: {"secrets": self.secrets_used})
        lines = (ConsentLine(title="Company", sentence="View companies", words=("company:view",)),)
        house.on("permissions", "GET", CATALOGUE_PATH, {"models": [COMPANY]})
        house.on("permissions", "POST", LinesOf.path, LinesAnswer(lines=lines, scope=("company:view",)))
        people = PeopleAnswer(people={ANA: {"name": "Ana", "email": "ana@acme.test"}})
        house.on("auth", "POST", PeopleNamed.path, people)

    def add(self, name="Sync", **members):
        """Put a client there: its JSON."""
        number = len(self.apps) + 1
        client = {
            "id": f"{number:032x}", "client_id": f"{number:032x}", "name": name, "description": "",
            "type": "confidential", "status": "active", "proof": "both", "preset": "custom",
            "redirect_uris": ["https://app.example/callback"], "permissions": {"company": ["view"]},
            "narrowing": False, "created_at": AT, "updated_at": AT, "updated_by": USER, "revision": 1,
        }  # fmt: skip
        client |= {"secrets": [self._mint()[0]]} | members
        self.apps[client["id"]] = client
        return client

    async def create(self, sent):
        once = sent.body.get("once")
        if once in self._once:
            return {key: value for key, value in self._once[once].items() if key != "client_secret"}
        wanted = {key: value for key, value in sent.body.items() if key != "once"}
        wrong = _wrong(wanted)
        if wrong:
            return wrong
        if wanted["preset"] == "claude":
            wanted["redirect_uris"] = ["https://claude.ai/api/mcp/auth_callback", *wanted["redirect_uris"]]
        secret, plain = self._mint()
        confidential = wanted["type"] == "confidential"
        members = {"secrets": [secret] if confidential else [], "permissions": {}}
        made = self._once[once] = self.add(**(wanted | members))
        return made | ({"client_secret": plain} if confidential else {})

    def edit(self, sent):
        client = self._found(sent)
        if client is None:
            return _nothing()
        if sent.headers.get("If-Match", f'"{client["revision"]}"') != f'"{client["revision"]}"':
            return Document(status=412, title="Changed meanwhile.", code="changed_meanwhile")
        wrong = _wrong(sent.body)
        if wrong:
            return wrong
        extra = {}
        if sent.body.get("type") == "public":
            extra = {"secrets": []}
        elif sent.body.get("type") == "confidential":
            secret, plain = self._mint()
            return self.touch(sent, **sent.body, secrets=[secret]) | {"client_secret": plain}
        return self.touch(sent, **sent.body, **extra)

    def disable(self, sent):
        return self.touch(sent, status="disabled")

    def enable(self, sent):
        return self.touch(sent, status="active")

    def publish(self, sent):
        return self.touch(sent, publishing={"state": "pending", "at": AT})

    def regenerate(self, sent):
        secret, plain = self._mint()
        return self.touch(sent, secrets=[secret]) | {"client_secret": plain}

    def secrets(self, sent):
        client = self._found(sent)
        if len(client["secrets"]) == 2:
            return Document(status=409, title="This client cannot have another secret now.", code="no_secret_possible")
        secret, plain = self._mint()
        older = dict(client["secrets"][0])
        if sent.body.get("overlap_seconds"):
            older["ends_at"] = "2026-11-23T12:00:00Z"
        return self.touch(sent, secrets=[older, secret]) | {"client_secret": plain}

    def retire(self, sent):
        client = self._found(sent)
        if len(client["secrets"]) == 1:
            return Document(status=409, title="This is the last secret.", code="last_secret")
        gone = sent.path.rpartition("/")[2]
        return self.touch(sent, secrets=[one for one in client["secrets"] if one["id"] != gone])

    def _summary(self, sent):
        nothing = {"living": 0, "last_used_at": None, "more": False}
        asked = sent.params["clients"].split(",")
        return {"data": [{"id": one} | nothing | self.uses.get(one, {}) for one in asked], "next_cursor": None}

    def touch(self, sent, **members):
        client = self._found(sent)
        client |= members | {"revision": client["revision"] + 1}
        return client

    def _found(self, sent):
        return self.apps.get(self._id(sent))

    def _id(self, sent):
        return sent.path.split("/")[3]

    def _mint(self):
        self._minted += 1
        plain = f"lk_cs_{hashlib.sha256(str(self._minted).encode()).hexdigest()[:40]}"
        return {"id": f"{self._minted:032x}", "ending": plain[-4:], "created_at": AT, "ends_at": None}, plain


def _nothing():
    return Document(status=404, title="There is nothing here.", code="not_found")


def _wrong(body):
    reasons = [(place, acceptable(uri)) for place, uri in enumerate(body.get("redirect_uris", ()))]
    errors = [FieldError(pointer=f"/redirect_uris/{place}", message=reason) for place, reason in reasons if reason]
    if not 0 < len(body.get("name", "x")) <= 100:
        errors.append(FieldError(pointer="/name", message="A name has 1 to 100 characters."))
    if errors:
        return Document(status=400, title="The request is not valid.", code="invalid_request", errors=tuple(errors))
    return None


@pytest.fixture
def registry(house):
    """``registry.add(…)`` puts a client there."""
    return Registry(house)


@pytest.fixture
def app(registry):
    return registry.add("Sync")
