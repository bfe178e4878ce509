"""The server that customers' consumers connect to: who is who there, and what each may do."""
