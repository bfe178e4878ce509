"""Rules of signing in and of authorizing: pure, without clock, database or network."""
