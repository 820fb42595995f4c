"""What sets some calls apart from others."""
