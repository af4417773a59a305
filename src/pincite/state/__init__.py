"""What the server remembers besides the documents: keys, sessions, feedback, conversations."""
