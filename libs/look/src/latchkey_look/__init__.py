"""The look of Latchkey's pages: what auth, which has no script, and the console have in common."""
