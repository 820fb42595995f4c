"""Calls by what they are about: each has a vector, in a space of an endpoint's model or one learned from the calls."""
