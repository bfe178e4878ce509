"""The catalogue of data models, roles, ceilings and grant documents."""
