"""Rules, without I/O."""
