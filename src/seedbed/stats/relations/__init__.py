"""Which columns name rows, and which columns name rows of other tables: found from names, values and how they are spread."""
