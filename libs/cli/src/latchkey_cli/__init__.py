"""The latchkey command."""
