"""An example catalogue, and how hypothesis draws permission sets over it and a little beyond."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from latchkey_console.apps.matrix import Models, ShownField, ShownModel
from latchkey_policy.fields import ALL, Fields, all_but, only
from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet

FIELDS = ("name", "arr", "address.city", "address.geo.lat", "extra")


def _fields(action: str) -> st.SearchStrategy[Fields]:
    names = st.frozensets(st.sampled_from(FIELDS))
    some = (st.builds(only, names) | st.builds(all_but, names)).filter(bool)
    return st.just(ALL) if action == "remove" else st.just(ALL) | some


def _actions(fields: Callable[[str], st.SearchStrategy[Fields]]) -> st.SearchStrategy[dict[str, Fields]]:
    return st.fixed_dictionaries({}, optional={action: fields(action) for action in ACTIONS}).filter(bool)


_WITH_FIELDS, _WITHOUT = _actions(_fields), _actions(lambda _action: st.just(ALL))
_RIGHTS = st.fixed_dictionaries(
    {}, optional={"company": _WITH_FIELDS, "asset": _WITH_FIELDS, "auditlog": _WITHOUT, "note": _WITH_FIELDS}
)
st.register_type_strategy(PermissionSet, st.builds(PermissionSet, _RIGHTS))


@pytest.fixture(scope="session")
def models() -> Models:
    """`extra` is not in it, nor is `note`; `arr` is calculated; `auditlog` has no fields."""
    company = ShownModel(
        name="company",
        route="companies",
        title="Company",
        plural="companies",
        actions=("view", "create", "update", "remove", "export"),
        fields=(
            ShownField("name", "text", "Name"),
            ShownField("address.city", "text", "City"),
            ShownField("arr", "number", "ARR", writable=False),
            ShownField("address.geo.lat", "number", "Latitude"),
        ),
    )
    asset = ShownModel(
        name="asset",
        route="assets",
        title="Asset",
        plural="assets",
        actions=("view", "update", "remove"),
        fields=(ShownField("name", "text", "Name"),),
    )
    auditlog = ShownModel(
        name="auditlog",
        route="audit-events",
        title="Audit log",
        plural="the audit log",
        actions=("view", "export"),
        management=True,
    )
    return Models([company, asset, auditlog])


@pytest.fixture
def put_app(house):
    """``put_app(permissions={…})``: the registry knows this app, called Acme Sync."""
    client, at = "a" * 32, "2026-10-02T14:05:00Z"
    usual = {
        "id": client,
        "client_id": client,
        "name": "Acme Sync",
        "description": "",
        "type": "confidential",
        "status": "active",
        "proof": "both",
        "preset": "custom",
        "redirect_uris": [],
        "created_at": at,
        "updated_at": at,
        "revision": 1,
    }
    return lambda **members: house.on("client-registry", "GET", f"/v1/oauth-clients/{client}", usual | members)
