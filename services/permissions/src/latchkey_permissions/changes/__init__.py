"""What changes somebody's rights, each in one transaction that bounds it and tells of it."""
