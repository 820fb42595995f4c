"""How true the answers are: answers compared with what people hold to be right."""
