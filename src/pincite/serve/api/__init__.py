"""The HTTP API: questions, documents, ratings, and what OpenAI's clients speak."""
