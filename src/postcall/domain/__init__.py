"""The vocabulary: frozen, typed, without input or output."""
