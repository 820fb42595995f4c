"""The columnar index of calls, and the measures and dimensions that every report goes through."""
