"""The one-machine stack: every real part and every service, supervised."""
