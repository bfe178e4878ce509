"""All SQL of the client registry."""
