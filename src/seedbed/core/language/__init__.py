"""Regular languages: a regular expression -> how many strings it has, the string of every number, whether another holds it.

Pure functions of text: parse -> nondeterministic -> deterministic automaton, in which an ambiguous string counts once.
"""

from __future__ import annotations

from seedbed.core.language.automaton import Automaton, automaton_of
from seedbed.core.language.characters import ANYTHING, PRINTABLE, Characters
from seedbed.core.language.contained import is_contained, searched
from seedbed.core.language.decodable import is_decodable
from seedbed.core.language.errors import LanguageError
from seedbed.core.language.parse import parse, whole
from seedbed.core.language.strings import Strings, strings_of
from seedbed.core.language.tree import Chars, Concat, Either, Repeat, Tree, bounded, first_unbounded, literal

__all__ = [
    "ANYTHING",
    "PRINTABLE",
    "Automaton",
    "Characters",
    "Chars",
    "Concat",
    "Either",
    "LanguageError",
    "Repeat",
    "Strings",
    "Tree",
    "automaton_of",
    "bounded",
    "first_unbounded",
    "is_contained",
    "is_decodable",
    "literal",
    "parse",
    "searched",
    "strings_of",
    "whole",
]
