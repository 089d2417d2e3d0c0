"""From scans of tables to findings."""
