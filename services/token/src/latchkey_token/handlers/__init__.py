"""The endpoints of the token service, one module each."""
