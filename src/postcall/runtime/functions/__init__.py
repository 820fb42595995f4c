"""A project's functions, run in processes that can be killed."""
