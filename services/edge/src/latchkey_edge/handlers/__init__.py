"""One module an endpoint."""
