"""Which prompts were used most, kept most, failed most: read from their uses, nothing is kept of it."""
