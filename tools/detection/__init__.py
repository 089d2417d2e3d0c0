"""How much of what is put into data on purpose the checks find, measured against the list of faults."""
