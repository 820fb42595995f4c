"""During the call: projects, their functions in child processes, flows, and the session that holds a conversation."""
