"""What to say of a change that kills, bars or lifts: whether it is new, and when it is in force."""

from latchkey_contracts.requests.people import Turned


def when(done: Turned) -> str:
    """Lines to add to the sentence that says what was done."""
    if done.pending:
        return "\nThe token service does not answer; it will learn of this as soon as it can."
    stood = "" if done.changed else "\nIt stood so already."
    force = f"\nIn force everywhere at {done.effective_at.isoformat()} at the latest." if done.effective_at else ""
    return stood + force
