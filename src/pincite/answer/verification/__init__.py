"""Whether passages support what a language model states."""
