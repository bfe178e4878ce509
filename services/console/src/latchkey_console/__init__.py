"""The web console: what admins, users and staff see."""
