"""What a contract asks for and no check says."""

from __future__ import annotations


class UnsaidError(Exception):
    """No check says this rule; the message tells why."""
