"""What signing in is made of: passwords, sessions, the form, and how often one may fail."""
