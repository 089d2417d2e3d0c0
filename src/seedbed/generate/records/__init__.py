"""Kernels of `record`: fields of persons, addresses, companies, cards and points that agree with each other and with a country.

Every field is a kernel of its own, made only when it is asked for; fields agree because they read the same draws.
"""

from seedbed.generate.records.kernels import field_kernel, kernel, record_mistake

__all__ = ["field_kernel", "kernel", "record_mistake"]
