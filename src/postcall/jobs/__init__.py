"""Durable work in the record's own database."""
