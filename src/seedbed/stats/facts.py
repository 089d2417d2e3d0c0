"""What a profile says of a column and of a table: plain frozen values, ready for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, field
from typing import Any

from seedbed.core.records import dataclass
from seedbed.stats.fit import Fit
from seedbed.stats.histograms import Histogram

Scalar = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value and its count, which may be too low by `error`."""

    value: Scalar
    count: int
    error: int = 0


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """Figures of numbers; `quantiles` by share, `far` the share of numbers beyond the fence of each method."""

    mean: float
    deviation: float | None
    skewness: float | None
    kurtosis: float | None
    sum: float
    zeros: int
    negative: int
    whole: bool
    quantiles: dict[str, float]
    quantiles_exact: bool
    far: dict[str, float]
    fits: tuple[Fit, ...] = ()
    benford: float | None = None


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What texts look like. `patterns` go sign by sign (A upper, a lower, 9 digit), `outlines` have runs of a sign as one."""

    shortest: int
    longest: int
    mean_length: float
    lengths: Histogram
    patterns: tuple[TopValue, ...]
    outlines: tuple[TopValue, ...]
    different_patterns: int
    texts_with: dict[str, int]
    empty: int
    padded: int
    form: str | None = None
    form_share: float = 0.0


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """How moments are spread; `by_hour` None where all are days. `volume` is the count of each `step` days from the first on."""

    by_hour: tuple[int, ...] | None
    by_weekday: tuple[int, ...]
    by_month: tuple[int, ...]
    weekend_share: float
    volume: tuple[int, ...]
    step: int
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of a column. `distinct` is exact where `distinct_exact`, else within about 2 % (two standard errors)."""

    name: str
    type: str
    kind: str
    rows: int
    nulls: int
    nans: int
    infinite: int
    distinct: int | None
    distinct_exact: bool
    min: Scalar = None
    max: Scalar = None
    top: tuple[TopValue, ...] = ()
    entropy: float | None = None
    histogram: Histogram | None = None
    numbers: NumberFacts | None = None
    texts: TextFacts | None = None
    times: TimeFacts | None = None
    is_key: bool = False

    @property
    def values(self) -> int:
        """How many values that aren't null."""
        return self.rows - self.nulls

    @property
    def null_share(self) -> float:
        """The share of nulls."""
        return self.nulls / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class PairFacts:
    """How two columns go together: `pearson`, `spearman`, `cramers_v` or `correlation_ratio`; from all rows, or from a sample."""

    columns: tuple[str, str]
    method: str
    value: float
    from_sample: bool


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Columns in which all rows differ; not `verified` where only a sample could be looked at."""

    columns: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class DependencyFacts:
    """Rows equal in the `determinants` are equal in `dependent`; not `verified` where only a sample could be looked at."""

    determinants: tuple[str, ...]
    dependent: str
    verified: bool


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """All values of `column` are keys of another table."""

    column: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something odd: where, how odd, and why it is said."""

    table: str
    column: str
    kind: str
    what: str
    reason: str
    row: int | None = None
    value: Scalar = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is known of a table."""

    name: str
    rows: int
    sample: int
    columns: tuple[ColumnFacts, ...]
    pairs: tuple[PairFacts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    dependencies: tuple[DependencyFacts, ...] = ()
    references: tuple[ReferenceFacts, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        told: dict[str, Any] = plain(asdict(self))
        return told


def plain(value: Any) -> Any:
    """Data as JSON takes it: tuples as lists, no NaN and no infinity.

    >>> plain({"mean": float("nan"), "top": (1, 2)})
    {'mean': None, 'top': [1, 2]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value
