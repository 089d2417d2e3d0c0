"""Ways out: columns to files, and the metadata beside them."""
