"""Opens places, strings the stages together, maps them over workers."""
