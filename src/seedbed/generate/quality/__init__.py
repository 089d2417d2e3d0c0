"""Faults that are put into the data on purpose, over the clean blocks of the engine, and the table that lists them."""
