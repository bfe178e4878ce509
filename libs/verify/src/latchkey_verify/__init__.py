"""What a resource server embeds: token check, feed, lease, effective permissions."""
