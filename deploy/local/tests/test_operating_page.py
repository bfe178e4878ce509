"""docs/operating.md speaks of what there is: every metric and crash point, and no line of a log that nobody writes."""

import re

import pytest

from latchkey_kit import crash
from latchkey_local.home import CHECKOUT
from latchkey_verify.metrics import registry  # that of the kit, with the verifier's metrics in it

PAGE = (CHECKOUT / "docs" / "operating.md").read_text()
CODE = "\n".join(file.read_text() for room in ("libs", "services") for file in (CHECKOUT / room).glob("*/src/**/*.py"))


def section(title):
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_every_metric_is_on_the_page_and_no_other():
    collected = {metric.name: metric.type for metric in registry.collect() if metric.name.startswith("latchkey_")}
    names = {f"{name}_total" if kind == "counter" else name for name, kind in collected.items()}
    assert set(re.findall(r"^\| `(latchkey_\w+)`", section("Metrics"), re.MULTILINE)) == names


@pytest.mark.parametrize("point", sorted(crash.POINTS))
def test_every_crash_point_is_on_the_page(point):
    assert f"`{point}`" in section("For testers")


def test_every_line_of_the_log_on_the_page_is_written_somewhere():
    alarms, _, rest = section("Logs").partition("And these go by")
    rows = re.findall(r"^\| (`.*?) \|", alarms.partition("Worth an alarm")[2], re.MULTILINE)
    events = re.findall(r"`([a-z_]+)`", " ".join([*rows, rest]))
    assert len(events) > 10
    assert [event for event in events if f'"{event}"' not in CODE] == []


def test_every_sentence_of_readiness_on_the_page_is_said_somewhere():
    sentences = re.findall(r"`([a-z][^`]*?)(?: ?…)?`", section("Probes").partition("| check |")[2])
    said = [part for sentence in sentences for part in re.split(r" ?… ?|<service>|\d+ s", sentence) if len(part) > 12]
    assert len(said) > 8
    assert [part for part in said if part.strip(" :") not in CODE] == []
