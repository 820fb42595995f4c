"""From a question to the queries that it asks for, by its words alone."""
