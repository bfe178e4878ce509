"""What lets anybody prove that the log is what it was: checkpoints, and what is signed for when entries are let go."""
