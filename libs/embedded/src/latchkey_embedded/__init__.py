"""PostgreSQL, NATS and Traefik from wheels, as supervised child processes."""
