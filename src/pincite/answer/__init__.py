"""From passages to a cited answer, or a typed not found."""
