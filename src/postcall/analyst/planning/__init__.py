"""A model that plans with tools."""
