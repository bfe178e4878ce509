"""Plumbing that every Latchkey service stands on."""
