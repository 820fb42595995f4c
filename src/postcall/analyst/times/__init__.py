"""What a question says of time."""
