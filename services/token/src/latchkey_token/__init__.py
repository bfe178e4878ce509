"""The token endpoint, keys and metadata; connections, kills and the feed."""
