"""Every change of a client: one transaction with its events; then the token service is told at once."""
