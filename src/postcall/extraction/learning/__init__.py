"""It learns: small heads, one a question, from calls whose answers are known."""
