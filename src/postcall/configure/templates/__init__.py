"""Questions of our own writing to begin from, a module for each field of work."""
