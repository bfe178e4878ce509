"""How people come in: invitations, the roles they bring, and links for a new password."""
