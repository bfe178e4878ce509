"""What this service knows of clients, and how they authenticate."""
