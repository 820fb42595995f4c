"""Before the call: agents, their versions and keys."""
