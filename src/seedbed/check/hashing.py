"""Fingerprints of 64 bits, under the name by which checks know them."""

from __future__ import annotations

from seedbed.core.hashing import Keys, mixed, pair_keys, text_keys

__all__ = ["Keys", "mixed", "pair_keys", "text_keys"]
