"""All SQL of the permissions service."""
