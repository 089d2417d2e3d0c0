"""A profile on the terminal: a line for each column with its shape, then what goes together, what is odd and what has changed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from seedbed.cli.show import show_table
from seedbed.cli.verbs import in_colour

if TYPE_CHECKING:
    from seedbed.run.likeness import Comparison, TableLikeness
    from seedbed.run.profile import Profile
    from seedbed.stats.facts import ColumnFacts, TableFacts

_BARS = "▁▂▃▄▅▆▇█"

#: Bars of a sparkline.
_WIDTH = 20

#: Lines of each kind that are told of a table.
_MOST = 8

#: A pair is told from this strength on.
_STRONG = 0.3

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def show_profile(profile: Profile) -> None:
    """Print what a profile says, as much as fits a terminal; `--html` and `--json` have all of it."""
    for table in profile.tables:
        _show_table(table)
    for problem in profile.problems:
        click.echo(f"{_styled('not read', 'red')}  {problem}")
    if profile.comparison is not None:
        _show_comparison(profile.comparison)


def sparkline(counts: Sequence[float], width: int = _WIDTH) -> str:
    """Counts as bars, at most `width` of them; what is not empty has at least the lowest bar.

    >>> sparkline([0, 1, 4, 8])
    ' ▁▄█'
    """
    size = -(-len(counts) // width) if len(counts) > width else 1
    bars = [sum(counts[at : at + size]) for at in range(0, len(counts), size)]
    top = max(bars, default=0)
    return "".join(_BARS[max(0, int(-(-8 * bar // top)) - 1)] if bar > 0 else " " for bar in bars) if top else ""


def _show_table(table: TableFacts) -> None:
    head = ("column", "type", "missing", "distinct", "shape", "values")
    rows = [_line(column) for column in table.columns]
    title = f"{table.name}: {table.rows:,} rows, {len(table.columns)} columns"
    show_table(title, head, rows, right=("missing", "distinct"))
    for what, lines in _told(table):
        shown = list(lines)
        for at, line in enumerate(shown[:_MOST]):
            click.echo(f"  {_styled(f'{what if not at else str():<14}', 'cyan')} {line}")
        if len(shown) > _MOST:
            click.echo(f"  {'':<14} and {len(shown) - _MOST:,} more")
    click.echo()


def _styled(text: str, colour: str) -> str:
    return click.style(text, fg=colour) if in_colour(sys.stdout) else text


def _line(column: ColumnFacts) -> tuple[str, ...]:
    missing = f"{column.null_share:.1%}" if column.nulls else ""
    distinct = "" if column.distinct is None else f"{'' if column.distinct_exact else '~'}{column.distinct:,}"
    return (column.name, column.type, missing, distinct, _shape(column), ", ".join(_values(column)))


def _shape(column: ColumnFacts) -> str:
    if column.times is not None:
        return sparkline(column.times.volume)
    if column.histogram is not None:
        return sparkline(column.histogram.counts)
    if column.top and column.distinct is not None and column.distinct <= _WIDTH:
        return sparkline([top.count for top in column.top])
    return sparkline(column.texts.lengths.counts) if column.texts is not None else ""


def _values(column: ColumnFacts) -> Iterator[str]:
    if column.is_key:
        yield "key"
    if column.nulls == column.rows:
        yield "nothing but nulls" if column.rows else "no rows"
    elif column.numbers is not None:
        middle = column.numbers.quantiles["0.5"]
        yield f"{_number(column.min)} to {_number(column.max)}, median {_number(middle)}, mean {_number(column.numbers.mean)}"
        if column.numbers.fits and column.numbers.fits[0].fits:
            yield column.numbers.fits[0].name
    elif column.times is not None:
        yield f"{column.min} to {column.max}"
        busiest = max(range(7), key=column.times.by_weekday.__getitem__)
        yield f"most on {_WEEKDAYS[busiest]}"
    elif column.top and (column.distinct or 0) * 2 <= column.values:
        yield from (f"{_short(top.value)} {top.count / column.values:.0%}" for top in column.top[:3])
    elif column.texts is not None:
        yield column.texts.form or _pattern(column)
    if column.nans or column.infinite:
        yield f"{column.nans + column.infinite:,} not finite"


def _pattern(column: ColumnFacts) -> str:
    assert column.texts is not None
    like = column.texts.outlines[0].value if column.texts.outlines else ""
    if column.texts.different_patterns == 1 and column.texts.patterns:
        like = column.texts.patterns[0].value
    return f"like {like}, {column.texts.shortest} to {column.texts.longest} characters"


def _short(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"


def _number(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1_000 else f"{value:,.4g}"
    return str(value)


def _strongest(table: TableFacts) -> Iterator[str]:
    """Pairs of columns, each once, by its strongest measure."""
    names = {"pearson": "Pearson", "spearman": "Spearman", "cramers_v": "Cramer's V", "correlation_ratio": "correlation ratio"}
    seen = set()
    for pair in table.pairs:
        if abs(pair.value) >= _STRONG and pair.columns not in seen:
            seen.add(pair.columns)
            yield f"{pair.columns[0]} and {pair.columns[1]}: {names[pair.method]} {pair.value:+.2f}"


def _told(table: TableFacts) -> Iterator[tuple[str, Iterable[str]]]:
    yield "keys", (f"{' + '.join(key.columns)}{'' if key.verified else ' (as far as seen)'}" for key in table.keys)
    yield "refers", (f"{found.column} to {found.table}.{found.key}" for found in table.references)
    yield "depends", (f"{found.dependent} follows from {' and '.join(found.determinants)}" for found in table.dependencies)
    yield "together", _strongest(table)
    yield "odd", (f"{found.column or 'row'}: {found.what}; {found.reason}" for found in table.anomalies)
    yield "note", table.notes


def _show_comparison(comparison: Comparison) -> None:
    for table in comparison.tables:
        _show_likeness(table, comparison.reference)
    for names, where in ((comparison.missing, "not here"), (comparison.extra, "not in the reference")):
        if names:
            click.echo(f"tables {where}: {', '.join(names)}")


def _show_likeness(table: TableLikeness, reference: str) -> None:
    head = ("column", "compared by", "likeness", "JS", "PSI", "KS or V", "inside", "")
    rows = []
    for drift in table.columns:
        distance = drift.ks if drift.ks is not None else drift.chi2
        verdict = "drifted" if drift.drifted else ""
        inside = "" if drift.inside is None else f"{drift.inside:.1%}"
        figures = (f"{drift.likeness:.3f}", f"{drift.js:.3f}", f"{drift.psi:.3f}", f"{distance or 0:.3f}", inside)
        rows.append((drift.name, drift.by, *figures, verdict))
    title = f"{table.name} beside {reference}: {table.score:.1f} of 100 (columns {table.marginals:.1f}{_pairs(table)})"
    show_table(title, head, rows, right=("likeness", "JS", "PSI", "KS or V", "inside"))
    for what, names in (("missing", table.missing), ("new", table.extra), ("type", table.retyped)):
        if names:
            click.echo(f"  {_styled(f'{what:<14}', 'cyan')} {', '.join(names)}")
    privacy = table.privacy
    if privacy is not None:
        copies = (
            "too many rows to look for copies" if privacy.copies is None else f"{privacy.copies:,} exact copies ({privacy.copy_share:.2%})"
        )
        near = f"{privacy.closer:.1%} closer to a row of the reference than 95 % of its rows are to another"
        click.echo(f"  {_styled('privacy       ', 'cyan')} {copies}; {near}")
    click.echo()


def _pairs(table: TableLikeness) -> str:
    pairs = "" if table.pairs is None else f", pairs {table.pairs:.1f}"
    return pairs + ("" if table.boundaries is None else f"; {table.boundaries:.1f} % of values inside its borders")
