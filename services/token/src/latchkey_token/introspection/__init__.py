"""Telling who asks whether a token is good (RFC 7662)."""
