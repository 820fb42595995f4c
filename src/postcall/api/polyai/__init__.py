"""The interface of PolyAI's Agent Studio, as far as it is offered; its wire names live only here."""
