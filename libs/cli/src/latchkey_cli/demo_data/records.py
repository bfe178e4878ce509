"""Records around each company: people, conversations, tasks and assets. The same every time."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from latchkey_cli.demo_data.companies import COMPANIES, Company

_PEOPLE = (
    ("Amara Silva", "Head of Operations"),
    ("Jonas Weber", "IT Manager"),
    ("Priya Natarajan", "Customer Success Lead"),
    ("Luca Bianchi", "Finance Director"),
    ("Freja Holm", "Product Owner"),
    ("Tom Hughes", "Chief Executive"),
)
_CONVERSATIONS = (
    ("Kick-off notes", "call", "Agreed on goals for the first quarter and who signs off what."),
    ("Question about invoices", "email", "They would like one invoice per site. Passed on to finance."),
    ("Quarterly review", "meeting", "Usage is up by a fifth. They asked for an export to their own reports."),
    ("Slow page reported", "email", "The overview takes long with all sites selected. Support has a case open."),
)
_TASKS = (
    ("Send the onboarding plan", True),
    ("Prepare the renewal offer", False),
    ("Book the quarterly review", False),
    ("Check usage of the new report", True),
)
_ASSETS = (("Premium licence", "licence"), ("Sandbox", "environment"), ("Barcode scanner", "device"))


def record_id(*parts: str) -> str:
    """An id that is the same in every run: 32 hexadecimal digits."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def batches(tenant: str, tenant_id: str, users: Mapping[str, str]) -> Iterator[tuple[str, tuple[dict[str, Any], ...]]]:
    """Model → records, companies first. ``users`` maps e-mail addresses to user ids."""
    made = [(company, record_id(tenant_id, company.name)) for company in COMPANIES[tenant]]
    yield "company", tuple(_company(company, own_id, users) for company, own_id in made)
    yield "enduser", tuple(_enduser(company, own_id, n) for company, own_id in made for n in range(2))
    yield "conversation", tuple(_conversation(own_id, i) for i, (_, own_id) in enumerate(made))
    yield "task", tuple(_task(company, own_id, i, users) for i, (company, own_id) in enumerate(made))
    yield "asset", tuple(_asset(own_id, i) for i, (_, own_id) in enumerate(made))


def _company(company: Company, own_id: str, users: Mapping[str, str]) -> dict[str, Any]:
    values = company._asdict() | {"id": own_id, "owner": users[company.owner], "health": f"{company.health}/10"}
    return values | {"description": f"{company.name}, {company.city}. In {company.phase.lower()}."}


def _enduser(company: Company, company_id: str, number: int) -> dict[str, Any]:
    at = int(company_id[:4], 16) + number * 3
    name, title = _PEOPLE[at % len(_PEOPLE)]
    email = f"{name.split()[0].lower()}@{company.domain}"
    return {"id": record_id(company_id, email), "company": company_id, "name": name, "email": email, "title": title}


def _conversation(company_id: str, at: int) -> dict[str, Any]:
    subject, channel, body = _CONVERSATIONS[at % len(_CONVERSATIONS)]
    values = {"subject": subject, "channel": channel, "body": body, "at": f"2026-10-{at % 27 + 1:02}T09:30:00Z"}
    return {"id": record_id(company_id, subject), "company": company_id, **values}


def _task(company: Company, company_id: str, at: int, users: Mapping[str, str]) -> dict[str, Any]:
    title, done = _TASKS[at % len(_TASKS)]
    values = {"title": title, "done": done, "due": f"2026-12-{at % 27 + 1:02}", "assignee": users[company.owner]}
    return {"id": record_id(company_id, title), "company": company_id, **values}


def _asset(company_id: str, at: int) -> dict[str, Any]:
    name, kind = _ASSETS[at % len(_ASSETS)]
    values = {"name": name, "kind": kind, "serial": f"LK-{int(company_id[:6], 16):08}"}
    return {"id": record_id(company_id, name), "company": company_id, **values}
