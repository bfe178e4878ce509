"""An example catalogue; ``sets_over_models`` draws permission sets over it."""

import sys
from pathlib import Path

import pytest

from latchkey_console.apps.matrix import Models, ShownField, ShownModel

sys.path.insert(0, str(Path(__file__).parent))  # for `sets_over_models`
LATITUDE = ShownField("address.geo.lat", "number", "Latitude")


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
            ShownField(
                "address",
                "group",
                "Address",
                fields=(
                    ShownField("address.geo", "group", "Geo", fields=(LATITUDE,)),
                    ShownField("address.city", "text", "City"),
                ),
            ),
            ShownField("arr", "number", "ARR", writable=False),
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
