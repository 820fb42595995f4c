"""The Data API: metrics, conversations and transcripts for those who analyse them; it only reads."""
