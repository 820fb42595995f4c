"""After the call: questions answered from the transcript, each answer checked on its own."""
