"""Making a code or refresh token into its successor: many callers, one statement, and nothing lost when it fails."""
