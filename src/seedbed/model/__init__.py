"""What the data should be: frozen, typed documents."""
