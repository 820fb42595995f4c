"""Calls leave in files: all of them, or what has changed since the last time."""
