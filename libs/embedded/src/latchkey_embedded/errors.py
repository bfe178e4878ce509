"""What a part says when it cannot run."""


class PartError(Exception):
    """A part cannot start or stop. The text is one or two sentences for people: what is wrong, and a way out."""
