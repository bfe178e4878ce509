"""The answer of `GET /v1/why`."""

from typing import Any

import msgspec

from latchkey_permissions.domain.explaining import Operation, Whereabouts, portfolio_sentence, sentence, within
from latchkey_permissions.domain.management import MODELS
from latchkey_permissions.store.roles import Role
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.effective import GrantDocument, Part, explain
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio

_WITHOUT_COMPANY = frozenset(model.name for model in MODELS)
_OVER = ("expired", "revoked")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whose rights are asked about. ``permissions`` are the role's, or the ceiling of a client that acts for itself."""

    user: str
    client: str | None
    connection: str | None
    status: str | None
    document: GrantDocument | None
    ceiling: PermissionSet | None
    dynamic: bool
    permissions: PermissionSet | None
    portfolio: Portfolio
    role: Role | None

    def parts(self, catalogue: Catalogue) -> dict[Part, PermissionSet]:
        """What there is to ask, each as the catalogue stands; who has no ceiling or role may do nothing."""
        nothing = PermissionSet()
        parts: dict[Part, PermissionSet] = {}
        if self.connection:
            parts["grant"] = self.document.permissions if self.document else nothing
        if self.client:
            parts["ceiling"] = self.ceiling or nothing
        parts["role"] = self.permissions or nothing
        return {part: permissions.restrict(catalogue) for part, permissions in parts.items()}


def explained(
    subject: Subject, operation: Operation, catalogue: Catalogue, company: str | None, place: Whereabouts | None
) -> dict[str, Any]:
    """``allowed`` when nobody refuses, and the connection, if it is about one, is not over.

    ``allows`` of a part is ``None`` when it was not asked about. ``fields`` are those that the part lets the action
    touch: ``"*"``, a list, or ``{"except": a list}``.
    """
    parts = subject.parts(catalogue)
    model, action = operation.model.name, operation.action
    refused = list(explain(parts, model=model, action=action, field=operation.field).refused_by)
    allows: dict[Part, bool | None] = {
        part: None if part not in parts else part not in refused for part in ("grant", "ceiling", "role")
    }
    words: dict[str, str] = {part: sentence(part, operation, allows=said) for part, said in allows.items()}
    portfolio, words["portfolio"] = _portfolio(subject, model, company, place)
    if subject.status in _OVER:
        words["connection"] = f"The connection is {subject.status}: nothing is allowed any more."
    details = {
        part: {"allows": said, "fields": _fields(parts.get(part), model, action)} for part, said in allows.items()
    }
    return {
        "allowed": not refused and portfolio["allows"] is not False and subject.status not in _OVER,
        "connection": subject.connection and {"id": subject.connection, "status": subject.status},
        "user": subject.user,
        "grant": details["grant"],
        "ceiling": details["ceiling"] | {"client": subject.client, "dynamic": subject.dynamic},
        "role": details["role"] | _named(subject.role),
        "portfolio": portfolio,
        "refused_by": [*refused, *(["portfolio"] if portfolio["allows"] is False else [])],
        "words": words,
    }


def _named(role: Role | None) -> dict[str, Any]:
    return {"id": role.id, "name": role.name} if role else {"id": None, "name": None}


def _fields(permissions: PermissionSet | None, model: str, action: Any) -> Any:
    if permissions is None:
        return None
    one = PermissionSet({model: permissions.rights.get(model, {})})
    return one.plain()[model].get(action, [])


def _portfolio(
    subject: Subject, model: str, company: str | None, place: Whereabouts | None
) -> tuple[dict[str, Any], str]:
    granted = subject.document.portfolio if subject.document else None
    shown = {"granted": granted and granted.value, "now": subject.portfolio.value, "company": company}
    if model in _WITHOUT_COMPANY:
        return {"allows": True, **shown}, "Portfolios say nothing about this model."
    kinds = [kind for kind in (granted, subject.portfolio) if kind is not None]
    failing = None if place is None else [kind for kind in kinds if not within(kind, place)]
    allows = set(kinds) == {Portfolio.ALL} or None if failing is None else not failing
    return {"allows": allows, **shown}, portfolio_sentence(kinds, failing)
