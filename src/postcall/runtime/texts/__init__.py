"""What the model reads and what becomes of what it says: references, variables, topics, filters, entities."""
