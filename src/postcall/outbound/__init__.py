"""Calls that postcall places: audiences, campaigns, carriers."""
