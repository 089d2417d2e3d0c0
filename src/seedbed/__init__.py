"""Grow realistic, relational data from one document."""

__version__ = "0.1.0"
