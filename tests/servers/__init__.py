"""Real servers for tests: each is started once a session, on the loopback only, in a temporary folder, and stopped at the end."""
