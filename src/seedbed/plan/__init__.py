"""A model compiled: order, keys, feasibility; nothing in it depends on the number of rows."""
