"""What of an event stands in columns; `latchkey audit verify` knows it, too, so it stands with the contracts."""

from latchkey_contracts.log_entry import Found, Sought, found, id_lexeme, lexemes, plain, sought, words

__all__ = ["Found", "Sought", "found", "id_lexeme", "lexemes", "plain", "sought", "words"]
