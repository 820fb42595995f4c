"""What was found, in sentences and tables."""
