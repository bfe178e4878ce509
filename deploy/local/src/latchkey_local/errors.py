"""What the stack says when it cannot do what was asked."""


class StackError(Exception):
    """One or two sentences for people: what is wrong, and a way out. The exit code is 1."""
