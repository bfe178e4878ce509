"""What goes wrong, as one sentence for the person at the keyboard."""


class CommandError(Exception):
    """The command ends with exit code 1 and this sentence."""
