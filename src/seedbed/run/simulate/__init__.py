"""Simulated producers of files: a pool of workers that make batches of a school's records, in order or racing each other."""
