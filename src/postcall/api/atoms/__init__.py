"""The Atoms interface, version 1: compatible with Smallest AI's. Its wire names are here and nowhere else."""
