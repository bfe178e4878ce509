"""Facts that move a turn: each is committed with its event, then told to the token service at once."""
