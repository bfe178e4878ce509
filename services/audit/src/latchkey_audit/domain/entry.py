"""What of an event stands in columns; `latchkey audit verify` knows it, too, so it stands with the contracts."""

from latchkey_contracts.log_entry import Found, found, plain, words

__all__ = ["Found", "found", "plain", "words"]
