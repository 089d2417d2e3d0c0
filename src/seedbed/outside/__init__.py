"""What both ways in and out need of the world outside: one file for each library or place."""
