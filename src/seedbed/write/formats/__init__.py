"""Formats of files: each takes batches and gives the bytes of one file."""
