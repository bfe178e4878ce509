"""OAuth clients, their secrets and redirect URLs."""
