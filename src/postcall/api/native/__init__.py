"""postcall's own interface, under /postcall/v1."""
