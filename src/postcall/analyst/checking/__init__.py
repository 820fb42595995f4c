"""Which sentences of a model are shown: those that results and quotes bear out."""
