"""Values that are patterns, made of their rank, so that they can be unique: codes, card numbers, plates, UUIDs."""

from seedbed.generate.native.methods import FORMAT_METHODS, formats, native, native_arguments, native_methods
from seedbed.generate.native.ranked import Ranked, equal_shares, integers, strings

__all__ = ["FORMAT_METHODS", "Ranked", "equal_shares", "formats", "integers", "native", "native_arguments", "native_methods", "strings"]
