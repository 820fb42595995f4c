"""Which words of a question mean which names and values."""
