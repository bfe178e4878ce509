"""Texts of others on the operator's terminal, which obeys what it is shown."""


def one_line(text: str) -> str:
    """Give a text without whatever is no character: ends of lines, orders to the terminal, marks that turn a line."""
    return "".join(char if char.isprintable() else " " for char in text)
