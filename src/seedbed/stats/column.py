"""Everything that one pass keeps of a column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pyarrow as pa

from seedbed.core.zones import zone, zone_names
from seedbed.stats.benford import FirstDigits
from seedbed.stats.counts import EXACT, ValueCounts, counted_numbers, counted_texts
from seedbed.stats.moments import Moments
from seedbed.stats.periods import Periods
from seedbed.stats.quantiles import Quantiles
from seedbed.stats.shapes import PATTERNS, TextShapes
from seedbed.stats.values import Kind, Numbers, kind_of, values_of


@dataclass(slots=True)
class ColumnSummary:
    """A column's counts, moments, quantiles, frequent values, shapes and periods, whichever its type has."""

    name: str
    type: pa.DataType
    rows: int = 0
    nulls: int = 0
    nans: int = 0
    infinite: int = 0
    zeros: int = 0
    negative: int = 0
    fractions: int = 0
    low: int | float | None = None
    high: int | float | None = None
    moments: Moments = field(default_factory=Moments)
    quantiles: Quantiles = field(default_factory=Quantiles)
    digits: FirstDigits = field(default_factory=FirstDigits)
    periods: Periods = field(default_factory=Periods)
    texts: ValueCounts[pa.StringArray] = field(default_factory=counted_texts)
    shapes: TextShapes = field(default_factory=TextShapes)

    @classmethod
    def within(cls, name: str, kind: pa.DataType, exact: int) -> Self:
        """Nothing seen yet; up to `exact` different values are counted, and all else is as coarse as that: fewer than usual in wide tables."""
        if exact >= EXACT:
            return cls(name, kind)
        return cls(
            name, kind, quantiles=Quantiles(counted_numbers(exact), bins=2 * exact), texts=counted_texts(exact),
            shapes=TextShapes(patterns=counted_texts(min(PATTERNS, exact)), outlines=counted_texts(min(PATTERNS, exact))),
            periods=Periods(most_hours=20 * exact),
        )  # fmt: skip

    @property
    def kind(self) -> Kind:
        """What the column holds."""
        return kind_of(self.type)

    @property
    def zone(self) -> str | None:
        """The zone whose clock tells the hours: the column's own, UTC where its name is unknown, None without any."""
        name = getattr(self.type, "tz", None)
        return name if name is None or name in zone_names() else "UTC"

    def add(self, column: pa.Array) -> None:
        """Take in a batch."""
        values = values_of(column)
        self.rows += values.rows
        self.nulls += values.nulls
        self.nans += values.nans
        self.infinite += values.infinite
        if values.texts is not None and len(values.texts):
            self.texts.add(values.texts)
            self.shapes.add(values.texts)
        if values.numbers is not None and len(values.numbers):
            self._add_numbers(values.numbers)

    def merge(self, other: Self) -> None:
        """Take in other rows of the same column."""
        for name in ("rows", "nulls", "nans", "infinite", "zeros", "negative", "fractions"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.low is not None and other.high is not None:
            self._widen(other.low, other.high)
        self.moments.merge(other.moments)
        self.quantiles.merge(other.quantiles)
        self.digits.merge(other.digits)
        self.periods.merge(other.periods)
        self.texts.merge(other.texts)
        self.shapes.merge(other.shapes)

    @property
    def distinct(self) -> int | None:
        """How many different values there are; None for types that nobody counts."""
        if self.kind == "text":
            return self.texts.distinct
        return None if self.kind == "other" else self.quantiles.exact.distinct

    @property
    def distinct_exact(self) -> bool:
        """Whether that is no estimate."""
        return self.texts.is_exact if self.kind == "text" else self.quantiles.exact.is_exact

    def _add_numbers(self, numbers: Numbers) -> None:
        self._widen(numbers.min().item(), numbers.max().item())
        self.quantiles.add(numbers)
        if self.kind == "moment":
            self.periods.add(numbers if self.zone in {None, "UTC"} else zone(str(self.zone)).local(numbers))
            return
        self.moments.add(numbers)
        if self.kind == "number":
            self.zeros += int((numbers == 0).sum())
            self.negative += int((numbers < 0).sum())
            self.digits.add(numbers)
            if numbers.dtype == np.float64:
                self.fractions += int((numbers != np.floor(numbers)).sum())

    def _widen(self, low: float, high: float) -> None:
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
