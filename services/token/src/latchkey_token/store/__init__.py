"""All SQL of the token service."""
