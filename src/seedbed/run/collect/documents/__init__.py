"""The documents beside the tables: what there is, how tables belong together, and since which file. The same input makes the same bytes."""
