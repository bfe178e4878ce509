"""Events and internal messages that Latchkey's services exchange."""
