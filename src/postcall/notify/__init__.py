"""What leaves the house: messages of hosted calls."""
