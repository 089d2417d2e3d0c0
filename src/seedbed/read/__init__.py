"""Ways in: files as scans of columns."""
