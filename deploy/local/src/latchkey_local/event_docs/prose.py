"""What stands between the tables of docs/events.md."""

from typing import Final

HEAD: Final = """# Events

Every fact that Latchkey's services tell one another, and that tenants find in their audit log, in exports and in
their streams. This page and [asyncapi.json](asyncapi.json) are made from the classes in `libs/contracts` by `make
docs`.

An event is a [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) object in
structured JSON. No secret, token, code or password is ever in one.

| where | subject | who reads |
|---|---|---|
| inside, stream `LATCHKEY` | `lk.v1.<tenant>.<aggregate>.<id>.<event>`; `_` where there is no tenant | services |
| outside, stream `AUDIT` | `audit.<tenant>.<consumer>.<aggregate>.<event>` | the consumer; each its own only |
| `GET /v1/audit-events` and its exports | | who may view the tenant's log |

In both streams an event is the same, to the letter. The API shows the same facts as entries of the log: there `type` is
`action`, `data` is `details`, and title, result and position stand beside.

## Promises

- **Events change in one way**: optional fields are added. A reader passes over fields that it does not know. Anything
  else is a new `dataversion`, told beside the old one. Samples of every version that ever was are kept in
  `libs/contracts/tests/golden`, and tests read them with the classes of today.
- **Words in a field** (`reason`, `kind`, …) may become more, so a reader has an answer for those that it does not
  know.
- **Types may become more.** A reader passes over types that it does not know.
- **At least once.** What comes twice has the same `id`. An event is told if and only if its change was committed.
- **In order of one source**, but for what is sent again after a fault. Between sources there is no order: sort by
  `time` for people, and compare `revision` or `turn` where it matters which fact is the later.
- **A title** is for people and may be reworded; programs go by `type` and `result`.
- **Text that strangers chose** (`agent`, names, redirect URLs) is passed on as it came: escape it where it is shown."""

ENVELOPE: Final = """## The envelope

All beyond `id`, `source`, `specversion`, `type`, `subject`, `time`, `datacontenttype` and `data` are extensions of
CloudEvents.

{fields}
```json
{example}
```
"""

READING: Final = """## Whether all is there

Inside, each source numbers its events: `sequence` counts 1, 2, 3, … within an `epoch`, in the order in which they are
published, without gaps. Keep, for each `source` and `epoch`, which numbers you have. A number that is missing comes
late, or again: sources send again what the audit log says it lacks. Another `epoch` means that the source's database
was restored or its numbers began anew: start counting afresh, keep what you have, and go on telling duplicates by
`id`.

Outside, a consumer sees only its tenant's events, so numbers of a source have gaps there. It counts by the tenant's
own chain instead: the header `Lk-Position` grows by one with every entry of the tenant's log, and `Lk-Recorded`,
`Lk-Kept` and `Lk-Hash` with the body let a consumer check the chain by itself (`libs/contracts`, `chain.py`). Confirm
(ack) an event after you have it safe: what is not confirmed within 30 seconds comes again.
"""

EFFECTS: Final = """## What kills what

Facts that end connections, as the token service applies them: every connection that the key names, born until then,
is dead. A bar that is set lets no new one be born until it is lifted; lifting one kills again what may have been
missed behind it. Facts with a `turn` act only if it is newer than what is known; `member.added` has turn 0, and no
effect, unless they were a member before. [The protocol](protocol.md) has the rules.

| fact | kind | key | bar |
|---|---|---|---|
{effects}

A cut of many by a tenant's admin, and a restore, have no fact of their own that kills: `connection.all_cut` tells
each tenant when all are counted, and names `kind` and `reason`.
"""

LIST: Final = """## All events

| type | title | result |
|---|---|---|
{events}

`success`: it happened. `refused`: we, or whoever was asked, said no. `failed`: somebody could not show that they are
who they say, or that what they hold is theirs.

In the tables below, *id* is 32 lower-case hexadecimal digits, *time* is RFC 3339 in UTC, and a *change* is:

{change}"""
