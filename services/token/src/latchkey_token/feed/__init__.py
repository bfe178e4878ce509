"""Telling verifiers of kills and floors: they pull, and are pushed to."""
