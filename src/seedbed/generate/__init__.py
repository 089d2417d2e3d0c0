"""From a plan and row numbers to columns."""
