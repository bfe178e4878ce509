"""Pages as they come over the wire, and a bearer for kills to name."""

import datetime as dt

from latchkey_contracts.feed import Entry, Page
from latchkey_verify import Bearer
from latchkey_verify.testing import marked_entry

SALT = "5a17" * 16
BEARER = Bearer(
    connection="c" * 32, tenant="1" * 32, user="2" * 32, client="3" * 32, document="d" * 64, audiences=(),
    expires=dt.datetime(2027, 1, 1, tzinfo=dt.UTC), born=100, kid="key-1",
)  # fmt: skip


def page(head, *entries, salt=SALT, epoch="epoch-1", more=False, horizon=0):
    marked = tuple(marked_entry(salt, entry) for entry in entries)
    return Page(epoch=epoch, head=head, entries=marked, more=more, salt=salt, horizon=horizon)


def kill(number, connection="c" * 32):
    return Entry(number, "connection", connection)
