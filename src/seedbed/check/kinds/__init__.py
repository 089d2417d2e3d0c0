"""Every kind of check of the vocabulary: how the parameters of a checks document become checks, one file a family.

A kind is registered once, in `registry.KINDS`.
"""
