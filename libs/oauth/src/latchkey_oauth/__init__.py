"""The OAuth vocabulary: parameters, errors, PKCE, redirect matching, token strings, metadata."""
