"""`latchkey audit verify`: whether every tenant's log is what it was, and the first entry that is not."""
