"""What the API gateway asks before it lets a request through."""
