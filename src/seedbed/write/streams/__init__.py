"""Streams: each row a message of a broker, or a batch of rows a request."""
