"""Numbers: listed with weights where there are few, a named distribution where one is near enough, else a histogram."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.stats.column import ColumnSummary
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.fit import Fit, best_fits
from seedbed.stats.inference.made import Made, Spec, shares, shortened, type_of
from seedbed.stats.quantiles import Cells
from seedbed.stats.values import Floats

#: Numbers of at most so many different values, each of which comes that often on the average, are listed.
MOST_LISTED, _LEAST_REPEATS = 40, 10

#: A named distribution is taken up to this distance; the second part is chance's, by the sample's size.
_NEAR, _CHANCE = 0.01, 1.2

#: Bins of a histogram, and how far the shares between its edges may be from the data's.
_BINS, _FINE = (8, 16, 32, 64), 0.006

#: A value of such a share among many others stands for itself.
_ATOM = 0.01

#: Digits after the point beyond these are noise.
_MOST_DECIMALS = 6

#: So many rows stand beyond the ends of numbers that are somebody's own.
_HIDDEN_ROWS = 5

_NAMES = {
    "uniform": ("uniform", {"min": "low", "max": "high"}),
    "normal": ("normal", {"mean": "mean", "stddev": "std"}),
    "lognormal": ("lognormal", {"mu": "mean", "sigma": "sigma"}),
    "gamma": ("gamma", {"shape": "shape", "scale": "scale"}),
    "weibull": ("weibull", {"shape": "shape", "scale": "scale"}),
    "pareto": ("pareto", {"alpha": "alpha", "min": "xm"}),
    "poisson": ("poisson", {"lambda": "lambda"}),
    "geometric": ("geometric", {"p": "p"}),
}


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A column of numbers, and what is known of it: whether whole, digits after the point, the ends that may be told."""

    column: ColumnSummary
    sample: Floats
    cells: Cells
    is_whole: bool
    decimals: int | None
    low: float
    high: float


def numbers_made(column: ColumnSummary, sample: pa.Array, *, is_own: bool = False) -> Made:
    """What fills a column of numbers; `is_own` are those that tell something about a person: their ends are not told exactly.

    >>> column = ColumnSummary("stars", pa.int64())
    >>> values = pa.array([1, 2, 2, 5] * 25)
    >>> column.add(values)
    >>> numbers_made(column, values).spec
    {'type': 'int', 'choice': {'choices': [1, 2, 5], 'weights': [0.25, 0.5, 0.25]}}
    """
    kind = type_of(column.type)
    if not column.quantiles.count:
        return Made({**kind, "constant": {"value": None}}, "nothing but nulls")
    told = _looked(column, sample, is_own=is_own)
    if told.low == told.high and not is_own:
        return Made({**kind, "constant": {"value": _value(told, told.low)}}, "one value in all rows")
    withheld = f"the {_HIDDEN_ROWS} lowest and highest values" if is_own else None
    fit = _fit(told)
    if _is_listed(told) and not is_own and not (fit and fit.name in {"poisson", "geometric"} and len(told.cells.starts) >= 8):
        exact = column.quantiles.exact
        values = dict(zip((_value(told, value) for value in exact.values.tolist()), exact.counts.tolist(), strict=True))
        return Made(
            {**kind, "choice": {"choices": list(values), "weights": shares(values)}}, f"{len(values)} values, by how often they come"
        )
    if fit is not None:
        return Made({**kind, "distribution": _named(told, fit)}, f"{fit.name}, KS {fit.distance:.3f}", withheld=withheld)
    return _binned(told, kind, withheld)


def law_of(values: Floats, *, is_whole: bool, low: float | None = None) -> Spec:
    """The distribution of numbers, shape (n,), for a delay: a named one where it is near, else a histogram."""
    cells = _cells_of(values)
    fits = [fit for fit in best_fits(values)[:3] if fit.name in {"uniform", "exponential", "gamma", "weibull", "lognormal"}]
    if fits and fits[0].distance <= _NEAR and len(values) >= 1_000 and (low is None or fits[0].name != "normal"):
        return _params(fits[0]) | {"clamp": [shortened(float(values.min()), 8), shortened(float(values.max()), 8)]}
    edges, weights = _histogram(cells, is_whole=is_whole, decimals=None)
    return {"type": "histogram", "params": {"edges": edges, "weights": weights}}


def _looked(column: ColumnSummary, sample: pa.Array, *, is_own: bool) -> _Numbers:
    numbers = numbers_of(sample)
    numbers = numbers[np.isfinite(numbers)]
    is_whole = pa.types.is_integer(column.type) or column.fractions == 0
    scale = column.type.scale if pa.types.is_decimal(column.type) else None
    decimals = None if pa.types.is_integer(column.type) else scale if scale is not None else decimals_of(numbers)
    cells = column.quantiles.cells()
    low, high = float(cells.starts[0]), float(cells.ends[-1])
    if is_own:
        beyond = min(_HIDDEN_ROWS, cells.total // 4) / max(cells.total, 1)
        low, high = cells.quantile(beyond), cells.quantile(1 - beyond)
        digits = 0 if is_whole else decimals if decimals is not None else _MOST_DECIMALS
        low, high = round(low, digits), round(high, digits)
    return _Numbers(column, numbers, cells, is_whole, decimals, low, high)


def decimals_of(numbers: Floats) -> int | None:
    """The least number of digits after the point that keeps numbers, shape (n,), as they are; None where there is none up to six.

    >>> decimals_of(np.array([1.5, 2.25])), decimals_of(np.array([1 / 3]))
    (2, None)
    """
    for digits in range(_MOST_DECIMALS + 1):
        factor = 10.0**digits
        scaled = np.rint(numbers * factor)
        if (np.abs(scaled / factor - numbers) <= 1e-14 * np.abs(numbers)).all() and (np.abs(scaled) < 2**52).all():
            return digits
    return None


def _value(told: _Numbers, value: float) -> float | int | bool:
    if pa.types.is_boolean(told.column.type):
        return bool(value)
    if pa.types.is_integer(told.column.type):
        return int(value)
    if pa.types.is_decimal(told.column.type) and type_of(told.column.type)["type"] == "decimal":
        return round(value, int(told.column.type.scale))
    return value if told.decimals is None else round(value, told.decimals)


def _is_listed(told: _Numbers) -> bool:
    exact = told.column.quantiles.exact
    return exact.is_exact and len(exact.values) <= MOST_LISTED and len(exact.values) * _LEAST_REPEATS <= exact.total


def _fit(told: _Numbers) -> Fit | None:
    limit = _NEAR + _CHANCE / max(len(told.sample), 1) ** 0.5
    fits = [fit for fit in best_fits(told.sample) if fit.name in _NAMES or fit.name == "exponential"]
    near = [fit for fit in fits if fit.distance <= min(limit, 0.2) and _is_sound(fit)]
    return near[0] if near else None


def _is_sound(fit: Fit) -> bool:
    """Whether the parameters are such that a model takes them."""
    params = dict(fit.params)
    return all(np.isfinite(value) for value in params.values()) and 0.01 < params.get("shape", 1.0) < 1e6 and params.get("alpha", 1.0) < 1e5


def _params(fit: Fit) -> Spec:
    params = dict(fit.params)
    if fit.name == "exponential":
        return {"type": "exponential", "params": {"mean": shortened(1 / params["rate"])}}
    name, renamed = _NAMES[fit.name]
    return {"type": name, "params": {renamed[key]: shortened(value, 8 if fit.name == "uniform" else 5) for key, value in params.items()}}


def _named(told: _Numbers, fit: Fit) -> Spec:
    spec = _params(fit)
    if fit.name == "uniform" and told.low != told.high:
        spec["params"] = {"low": _end(told, told.low), "high": _end(told, told.high)}
    else:
        spec["clamp"] = [_end(told, told.low), _end(told, told.high)]
    return spec | _decimals(told)


def _end(told: _Numbers, value: float) -> float | int:
    if told.is_whole:
        return int(value)
    return value if told.decimals is None else round(value, told.decimals)


def _decimals(told: _Numbers) -> Spec:
    is_needed = told.decimals is not None and not pa.types.is_integer(told.column.type) and not pa.types.is_decimal(told.column.type)
    return {"decimals": told.decimals} if is_needed else {}


def _binned(told: _Numbers, kind: Spec, withheld: str | None) -> Made:
    """A histogram, and beside it the values that come far more often than their neighbours."""
    atoms, rest = _parted(told)
    why = f"a histogram: no named distribution is near (best {_best(told)})"
    if not rest.total:
        return Made(
            {**kind, "choice": {"choices": list(atoms), "weights": shares(atoms)}}, "values by how often they come", withheld=withheld
        )
    edges, weights = _histogram(rest, is_whole=told.is_whole, decimals=told.decimals)
    bins: Spec = {
        "type": "histogram",
        "params": {"edges": edges, "weights": weights},
        "clamp": [_end(told, told.low), _end(told, told.high)],
    }
    bins |= _decimals(told)
    if not atoms:
        return Made({**kind, "distribution": bins}, why, withheld=withheld)
    total = rest.total + sum(atoms.values())
    variants: list[Spec] = [{"weight": shortened(rest.total / total, 4), "then": {"distribution": bins}}]
    variants += [{"weight": shortened(count / total, 4), "then": {"constant": {"value": value}}} for value, count in atoms.items()]
    return Made({**kind, "mixture": {"variants": variants}}, f"{why}, and values that stand out", withheld=withheld)


def _best(told: _Numbers) -> str:
    fits = best_fits(told.sample)
    return f"{fits[0].name}, KS {fits[0].distance:.2f}" if fits else "none"


def _parted(told: _Numbers) -> tuple[dict[float | int | bool, int], Cells]:
    """The values that come far more often than others nearby, and the numbers without them."""
    cells = told.cells
    if told.is_whole and told.high - told.low <= _BINS[-1]:
        return {}, cells
    counts = cells.counts.copy()
    found: dict[float | int | bool, int] = {}
    for top in told.column.quantiles.exact.top(6):
        value = float(top.value)
        if top.count < _ATOM * cells.total or not told.low <= value <= told.high:
            break
        at = int(np.clip(np.searchsorted(cells.starts, value, side="right") - 1, 0, len(counts) - 1))
        taken = min(int(top.count), int(counts[at]))
        around = np.delete(counts[max(0, at - 5) : at + 6], min(at, 5))
        if not len(around) or taken > 10 * max(float(around.mean()), 1.0):
            found[_value(told, value)] = taken
            counts[at] -= taken
    kept = counts > 0
    return found, Cells(cells.starts[kept], cells.ends[kept], counts[kept])


def _cells_of(values: Floats) -> Cells:
    found, counts = np.unique(values, return_counts=True)
    return Cells(found, found, counts.astype(np.int64))


def _histogram(cells: Cells, *, is_whole: bool, decimals: int | None) -> tuple[list[float | int], list[float | int]]:
    """Edges and weights with as few bins as tell the shares."""
    edges = np.zeros(0)
    for bins in _BINS:
        edges = _edges(cells, bins, is_whole=is_whole, decimals=decimals)
        if _distance(cells, edges, is_whole=is_whole) <= max(_FINE, 0.5 / max(cells.total, 1) ** 0.5):
            break
    counts = _counts(cells, edges, is_whole=is_whole)
    total = float(counts.sum())
    told = [int(edge) if is_whole else round(edge, decimals) if decimals is not None else float(edge) for edge in edges.tolist()]
    return told, [shortened(float(count) / total, 3) for count in counts.tolist()]


def _edges(cells: Cells, bins: int, *, is_whole: bool, decimals: int | None) -> Floats:
    """Edges between bins of like numbers of values, the first and the last at the ends."""
    low, high = float(cells.starts[0]), float(cells.ends[-1])
    inner = np.array([cells.quantile(share) for share in np.arange(1, bins) / bins])
    if is_whole:
        return np.unique(np.concatenate([[low], np.ceil(inner), [high + 1]]))
    digits = decimals if decimals is not None else None
    inner = np.array([round(value, digits) if digits is not None else float(f"{value:.6g}") for value in inner.tolist()])
    inner = inner[(inner > low) & (inner < high)]
    step = 10.0**-decimals if decimals is not None else max(abs(high) * 1e-9, 1e-9)
    top = high + step if decimals is not None or high <= low else high  # a bin is without its upper end
    return np.unique(np.concatenate([[low], inner, [top]]))


def _counts(cells: Cells, edges: Floats, *, is_whole: bool) -> Floats:
    """How many values each bin holds, without its upper edge."""
    half = 0.5 if is_whole else 0.0
    below = cells.below(edges - half) if is_whole else np.where(edges <= edges[0], 0.0, cells.below(np.nextafter(edges, -np.inf)))
    below[-1] = 1.0
    return np.maximum(np.diff(below), 1e-9)


def _distance(cells: Cells, edges: Floats, *, is_whole: bool) -> float:
    """The greatest difference between the shares up to any value and those that even bins give."""
    counts = _counts(cells, edges, is_whole=is_whole)
    at_edges = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    places = cells.ends
    told = np.interp(places + (1.0 if is_whole else 0.0), edges, at_edges)
    return float(np.abs(told - np.cumsum(cells.counts) / cells.total).max())
