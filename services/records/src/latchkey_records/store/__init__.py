"""All SQL of the records service."""
