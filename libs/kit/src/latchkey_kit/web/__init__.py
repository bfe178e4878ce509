"""HTTP: routes with one error format each, request facts, health, and the credential of an internal caller."""
