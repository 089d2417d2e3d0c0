"""The vocabulary: draws, columns, expressions, errors. No files, no threads, no settings."""
