"""Rules without I/O: what an entry of the log is, and how entries are chained."""
