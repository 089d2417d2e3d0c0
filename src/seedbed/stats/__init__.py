"""Summaries of data that add up, and the tests on them: figures for reports, never stored values.

A summary has `add` for a batch and `merge` for another summary, so any cut of a table into batches gives the same figures (sums of
floats but for their last digits).
"""
