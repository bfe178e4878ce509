"""What an authorization is made of: who asks and where to, what may be granted, the pages, the birth, the response."""
