"""The reference resource server: data models over REST."""
