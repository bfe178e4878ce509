"""What leaves the token service has marks in the place of keys: who reads the feed learns no ids."""

import msgspec

from latchkey_contracts.feed import Page, mark


def marked(page: Page) -> Page:
    """The page as verifiers get it."""
    salt = bytes.fromhex(page.salt)
    entries = tuple(
        msgspec.structs.replace(entry, key=mark(salt, entry.kind, entry.key).hex()) for entry in page.entries
    )  # fmt: skip
    return msgspec.structs.replace(page, entries=entries)
