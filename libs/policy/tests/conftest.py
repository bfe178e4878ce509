"""One example catalogue, and how hypothesis draws the values of the algebra."""

import pytest
from hypothesis import strategies as st

from latchkey_policy.catalogue import Catalogue, Field, Model
from latchkey_policy.effective import GrantDocument
from latchkey_policy.fields import ALL, Fields, all_but, only
from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio

MODELS = ("company", "asset", "note")
FIELDS = ("name", "arr", "address.city", "extra")


def _fields(action: str) -> st.SearchStrategy[Fields]:
    names = st.frozensets(st.sampled_from(FIELDS))
    some = (st.builds(only, names) | st.builds(all_but, names)).filter(bool)
    return st.just(ALL) if action == "remove" else st.just(ALL) | some


_ACTIONS = st.fixed_dictionaries({}, optional={action: _fields(action) for action in ACTIONS})
_RIGHTS = st.dictionaries(st.sampled_from(MODELS), _ACTIONS.filter(bool))

st.register_type_strategy(Fields, _fields("view"))
st.register_type_strategy(PermissionSet, st.builds(PermissionSet, _RIGHTS))
st.register_type_strategy(
    GrantDocument, st.builds(GrantDocument, st.from_type(PermissionSet), st.sampled_from(Portfolio))
)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """`extra` is not in it, nor is `note`; `arr` is calculated."""
    company = Model(
        name="company",
        route="companies",
        title="Company",
        plural="companies",
        actions=ACTIONS,
        fields=(
            Field("name", "text", "Name"),
            Field("arr", "number", "ARR", writable=False),
            Field("address.city", "text", "City"),
        ),
    )
    asset = Model(
        name="asset",
        route="assets",
        title="Asset",
        plural="assets",
        actions=("view", "update", "remove"),
        fields=(Field("name", "text", "Name"),),
    )
    auditlog = Model(
        name="auditlog", route="audit-events", title="Audit event", plural="audit events", actions=("view", "export")
    )
    return Catalogue([company, asset, auditlog])
