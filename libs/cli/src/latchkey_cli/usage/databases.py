"""How the database of a service is named on the command line."""

import argparse


def database(text: str) -> tuple[str, str]:
    """Read ``SERVICE=URL``. Raises argparse.ArgumentTypeError, which never repeats the text: it may hold a password."""
    name, _, url = text.partition("=")
    services = ("auth", "token", "client-registry", "permissions", "records", "audit")
    if name not in services or not url.startswith(("postgresql://", "postgres://")):
        raise argparse.ArgumentTypeError(f"SERVICE=postgresql://…, where SERVICE is one of {', '.join(services)}")
    return name, url
