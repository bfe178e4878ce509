"""The keys behind access tokens (signatures) and behind codes and refresh tokens (MACs)."""
