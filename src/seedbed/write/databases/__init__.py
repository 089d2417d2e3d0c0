"""Rows into databases: one sink for all of them, and a file for each that says how it is spoken to."""
