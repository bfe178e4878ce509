"""All SQL of the auth service. Functions take the connection first."""
