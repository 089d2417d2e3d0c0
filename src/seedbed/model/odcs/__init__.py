"""Data contracts of the Open Data Contract Standard (ODCS) 3: read into checks, and written from checks and models."""
