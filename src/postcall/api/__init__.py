"""One package per interface; wire names live only here."""
