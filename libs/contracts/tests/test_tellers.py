"""Every event has somebody who may tell of it, and its subject says what it is."""

import datetime as dt

import msgspec
import pytest

from latchkey_contracts.events import EVENTS, CloudEvent, subject
from latchkey_contracts.events.tellers import TELLERS, misfit, subjects, tellers, type_of

ID, TENANT = "1" * 32, "2" * 32
TYPES = sorted({name for name, _ in EVENTS})


def made(kind, source, **more):
    data, time = msgspec.Raw(b"{}"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    given = {"id": ID, "subject": ID, "tenantid": TENANT, "time": time, "data": data} | more
    return CloudEvent(source=source, type=kind, **given)


@pytest.mark.parametrize("kind", TYPES)
def test_whoever_may_tell_of_it_fits_its_subject_and_nobody_else(kind):
    everybody = {source for some in TELLERS.values() for source in some}
    may = tellers(kind)
    assert may
    assert type_of(subject(kind, ID, TENANT)) == type_of(subject(kind, ID, None)) == kind
    assert {one for one in everybody if not misfit(subject(kind, ID, TENANT), made(kind, one))} == set(may)
    assert not misfit(subject(kind, ID, None), made(kind, may[0], tenantid=None))


def test_the_table_names_nothing_that_is_told_by_nobody():
    aggregates = {kind.partition(".")[0] for kind in TYPES}
    assert [name for name in TELLERS if name not in aggregates and name not in TYPES] == []


def test_an_owner_does_not_tell_what_is_anothers_by_type():
    assert tellers("user.disconnected") == ("token",)
    assert tellers("user.something_new") == ("auth",)
    assert tellers("access.granted") == tellers("nobody.knows") == tellers("") == ()


def test_every_type_is_on_the_subjects_of_its_tellers_and_of_nobody_else():
    everybody = {source for some in TELLERS.values() for source in some}
    for kind in TYPES:
        aggregate, _, happened = kind.partition(".")
        words = {f"lk.v1.*.{aggregate}.>", f"lk.v1.*.{aggregate}.*.{happened}"}
        assert {one for one in everybody if words & set(subjects(one))} == set(tellers(kind)), kind
    assert subjects("edge") == ()


@pytest.mark.parametrize("odd", ["", "lk", "lk.v1.a.user.b", "lk.v1.a.user.b.c.d", "lk.v2.a.user.b.c"])
def test_another_shape_is_of_no_type(odd):
    assert type_of(odd) == ""
    assert misfit(odd, made("user.enabled", "auth"))
