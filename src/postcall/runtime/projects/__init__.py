"""An agent as a folder of files: read, checked and kept."""
