"""Every test of the workspace may use the fixtures of the kit."""

pytest_plugins = ["latchkey_kit.testing.plugin"]
