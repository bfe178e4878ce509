"""Grant types, one module each: what the request must say."""
