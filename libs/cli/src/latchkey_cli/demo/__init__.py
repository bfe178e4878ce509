"""`latchkey demo`: the main story, told step by step on a running stack. Each step proves what it says."""
