"""The demo cast: two tenants with believable data. Only for a one-machine stack."""
