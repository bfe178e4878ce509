"""The append-only log of every event."""
