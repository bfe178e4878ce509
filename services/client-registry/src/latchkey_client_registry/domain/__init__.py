"""Rules of the client registry: no I/O, no clock."""
