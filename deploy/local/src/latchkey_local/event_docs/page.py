"""docs/events.md."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from latchkey_contracts.events import EVENTS, Change, CloudEvent, Event
from latchkey_contracts.events.tellers import tellers
from latchkey_local.event_docs.fields import Field, fields, sentence
from latchkey_local.event_docs.prose import EFFECTS, ENVELOPE, HEAD, LIST, READING
from latchkey_local.event_docs.samples import newest

_BAR = {None: "", "sets": "set", "lifts": "lifted"}


def page(golden: Path) -> str:
    """Write the page, with examples from the samples in this folder."""
    events = sorted(EVENTS.values(), key=lambda one: (one.type, one.version))
    example = json.dumps(newest(golden, EVENTS["client.secret_rotated", 1]), indent=2, ensure_ascii=False)
    parts = [
        HEAD,
        ENVELOPE.format(fields=_table(fields(CloudEvent)), example=example),
        READING,
        EFFECTS.format(effects="\n".join(_effects(events))),
        LIST.format(events="\n".join(map(_line, events)), change=_table(fields(Change))),
        *_all(events, golden),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _all(events: Sequence[type[Event]], golden: Path) -> Iterator[str]:
    for aggregate, group in groupby(events, key=lambda one: one.type.partition(".")[0]):
        yield f"## {aggregate}"
        for one in group:
            yield _section(one, golden)


def _section(event: type[Event], golden: Path) -> str:
    version = f" (version {event.version})" if event.version > 1 else ""
    facts = [
        f"Result: {event.result}.",
        f"Told by {', '.join(sorted(tellers(event.type)))}.",
        f"Subject: `{event.entity}`.",
    ]
    facts += [f"Effect: {_effect(event)}."] if event.effect else []
    data = json.dumps(newest(golden, event)["data"], ensure_ascii=False)
    return (
        f"### `{event.type}`{version}: {event.title}\n\n{sentence(event)}\n\n{' '.join(facts)}\n\n"
        f"{_table(fields(event))}\n```json\n{data}\n```\n"
    )


def _table(rows: Sequence[Field]) -> str:
    lines = ["| field | type | | meaning |", "|---|---|---|---|"]
    lines += [f"| `{row.name}` | {row.kind} | {row.absent} | {row.meaning} |" for row in rows]
    return "\n".join(lines) + "\n"


def _line(event: type[Event]) -> str:
    return f"| [`{event.type}`](#{_anchor(event)}) | {event.title} | {event.result} |"


def _anchor(event: type[Event]) -> str:
    """As GitHub makes it from the heading: lower case, spaces to dashes, other punctuation gone."""
    version = f" (version {event.version})" if event.version > 1 else ""
    kept = [letter for letter in f"{event.type}{version}: {event.title}".lower() if letter.isalnum() or letter in " -_"]
    return "".join(kept).replace(" ", "-")


def _effects(events: Sequence[type[Event]]) -> Iterator[str]:
    for event in events:
        effect = event.effect
        if effect is not None:
            only = f", where `{effect.where}`" if effect.where else ""
            key = ", ".join(f"`{name}`" for name in effect.key)
            yield f"| `{event.type}`{only} | `{effect.kind}` | {key} | {_BAR[effect.bar]} |"


def _effect(event: type[Event]) -> str:
    effect = event.effect
    assert effect is not None  # noqa: S101 - asked by who has looked
    only = f" if `{effect.where}`" if effect.where else ""
    bar = {None: "", "sets": ", and no more are born", "lifts": ", and others may be born again"}[effect.bar]
    return (
        f"connections of the `{effect.kind}` end{only}{bar}"
        if effect.kind != "kid"
        else (f"what the key signed is refused{only}")
    )
