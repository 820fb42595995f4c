"""Calls that happened elsewhere."""
