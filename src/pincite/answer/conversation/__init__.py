"""What a conversation adds to a question."""
