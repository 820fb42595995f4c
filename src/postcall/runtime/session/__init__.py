"""One conversation, whatever the channel: what goes in is what the user did, what comes out is what the agent says."""
