"""Rules of the token service: pure, without clock and database."""
