"""How hypothesis draws permission sets over the example catalogue and a little beyond."""

from collections.abc import Callable

from hypothesis import strategies as st

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
SETS = st.builds(PermissionSet, _RIGHTS)
"""Not registered for the type: one process has one strategy for a type, and libs/policy registers another."""
