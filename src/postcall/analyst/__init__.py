"""Questions in words, answered by reporting queries and cited calls."""
