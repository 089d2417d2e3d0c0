"""Write docs/speed.md: what a value of each kind costs, beside NumPy's own draws. `make speed`; takes a minute."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

import seedbed
from seedbed.generate.conversion import to_arrow
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.plan.plan import ColumnPlan

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"

#: Values that are made at once, as a run makes them, and how often; the quickest counts, for others use the machine too.
ROWS, BLOCKS, TRIES = 65_536, 3, 7

HEAD = """# How fast generators are

Nanoseconds of one processor for a value, made in blocks of 65,536 rows and given as Arrow: two cores of a present-day server, of which
one works; Python {python}, NumPy {numpy}, pyarrow {pyarrow}. Columns that another one reads are made before, and not counted. Written by
`make speed`; the slowest come first. Beside them what NumPy's own generator (PCG64) takes for the same distribution, where it has it, as an
array in memory; its values depend on how many were drawn before, those here on their row alone.

| generator | | ns a value | NumPy | ns a value |
|---|---|---:|---|---:|
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A column that is measured: its generator as YAML, and what NumPy has for it."""

    kind: str
    what: str
    column: str
    numpy: str = ""
    draw: Callable[[np.random.Generator, int], object] | None = None


def dist(kind: str, params: str, numpy: str, draw: Callable[[np.random.Generator, int], object] | None, type_: str = "float") -> Case:
    """A distribution."""
    text = f"{{distribution: {{type: {kind}, params: {{{params}}}}}, type: {type_}}}"
    return Case("distribution", kind, text, numpy, draw)


_HUNDRED = list(range(100))
_P = (np.arange(1, 101) ** -1.1) / (np.arange(1, 101) ** -1.1).sum()

_ONES = np.ones(ROWS)


def _product(generator: np.random.Generator, n: int) -> object:
    del generator
    ones = _ONES[:n]
    return ones * ones


CASES = [
    Case("sequence", "", "{sequence: {}}", "`arange`", lambda _, n: np.arange(n)),
    Case("constant", "", "{constant: {value: 7}}", "`full`", lambda _, n: np.full(n, 7)),
    Case("choice", "100 values alike", f"{{choice: {{choices: {_HUNDRED}}}}}", "`integers`", lambda r, n: r.integers(0, 100, n)),
    Case(
        "choice",
        "100 values, Zipf",
        f'{{choice: {{choices: {_HUNDRED}, weights_kind: "zipf@1.1"}}}}',
        "`choice(p=..)`",
        lambda r, n: r.choice(100, n, p=_P),
    ),
    Case("choice", "3 texts, weighted", "{choice: {choices: [low, middle, high], weights: [5, 3, 1]}}"),
    Case("choice", "by another column", "{choice: {by: short, table: {a: [1, 2], b: [3, 4, 5], c: [6]}}}"),
    dist("uniform", "low: 0, high: 9", "`uniform`", lambda r, n: r.uniform(0, 9, n)),
    dist("normal", "mean: 0, std: 1", "`normal`", lambda r, n: r.normal(0, 1, n)),
    dist("lognormal", "mean: 0, sigma: 1", "`lognormal`", lambda r, n: r.lognormal(0, 1, n)),
    dist("poisson", "lambda: 5", "`poisson`", lambda r, n: r.poisson(5, n), "int"),
    dist("exponential", "rate: 1", "`exponential`", lambda r, n: r.exponential(1, n)),
    dist("gamma", "shape: 2, scale: 1", "`gamma`", lambda r, n: r.gamma(2, 1, n)),
    dist("beta", "alpha: 2, beta: 3", "`beta`", lambda r, n: r.beta(2, 3, n)),
    dist("pareto", "alpha: 2", "`pareto`", lambda r, n: r.pareto(2, n)),
    dist("weibull", "shape: 1.5, scale: 1", "`weibull`", lambda r, n: r.weibull(1.5, n)),
    dist("triangular", "low: 0, mode: 3, high: 9", "`triangular`", lambda r, n: r.triangular(0, 3, 9, n)),
    dist("binomial", "n: 20, p: 0.3", "`binomial`", lambda r, n: r.binomial(20, 0.3, n), "int"),
    dist("geometric", "p: 0.3", "`geometric`", lambda r, n: r.geometric(0.3, n), "int"),
    dist("neg_binomial", "r: 5, p: 0.3", "`negative_binomial`", lambda r, n: r.negative_binomial(5, 0.3, n), "int"),
    dist("zipf", "a: 1.5, n: 1000000", "`zipf`", lambda r, n: r.zipf(1.5, n), "int"),
    dist("bernoulli", "p: 0.3", "`random() < p`", lambda r, n: r.random(n) < 0.3, "bool"),
    Case("datetime_series", "seconds, alike", "{datetime_series: {freq: S}}", "`integers`", lambda r, n: r.integers(0, 31_536_000, n)),
    Case(
        "datetime_series",
        "hours and weekdays",
        "{datetime_series: {freq: S, patterns: [{dimension: dow, weights: [1, 1, 1, 1, 2, 3, 3]}, "
        "{dimension: hour, weights: [1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 3, 2, 1, 1, 1, 1]}]}}",
    ),
    Case(
        "datetime_series",
        "after another, delayed",
        "{datetime_series: {after: at, delay: {type: exponential, params: {rate: 1}}, unit: h}}",
    ),
    Case("faker", "name", "{faker: {method: name}}"),
    Case("faker", "email", "{faker: {method: email}}"),
    Case("faker", "street_address", "{faker: {method: street_address}}"),
    Case("faker", "phone_number", "{faker: {method: phone_number}}"),
    Case("pattern", "regex", '{pattern: {regex: "[A-Z]{3}-[0-9]{5}"}}'),
    Case("pattern", "template", '{pattern: {template: "{short}-{row}"}}'),
    Case("uuid", "4", "{uuid: {}}"),
    Case("uuid", "5", "{uuid: {version: 5, namespace: dns, name: short}}"),
    Case("uuid", "7", "{uuid: {version: 7, time: at}}"),
    Case("lookup", "of the parent", "{lookup: {from: parent.parent_id}}"),
    Case("lookup", "through a link", "{lookup: {from: other.other_id}}"),
    Case("expression", "price * quantity", '{expression: {code: "price * quantity"}}', "`a * b`", _product),
    Case("record", "person", "{record: {kind: person}}"),
    Case("record", "address", "{record: {kind: address}}"),
    Case("case", "of two", '{case: {when: [{if: "quantity > 3", then: {constant: {value: 0}}}], else: {constant: {value: 5}}}}'),
    Case(
        "mixture",
        "of two",
        "{mixture: {variants: [{weight: 9, then: {constant: {value: 0}}}, "
        "{weight: 1, then: {distribution: {type: normal, params: {mean: 0, std: 1}}}}]}, type: float}",
    ),
    Case("struct", "of two", "{struct: {fields: {a: {sequence: {}}, b: {choice: {choices: [x, y]}}}}}".replace("sequence: {}", "uuid: {}")),
    Case("list", "of 2", "{list: {length: 2, items: {choice: {choices: [new, eco, sale]}}}}"),
    Case("aggregate", "sum of 3 children", "{aggregate: {of: child.amount}}"),
    Case("split", "of a total", "{split: {total: parent.total}, type: decimal, scale: 2}"),
    Case("process", "Ornstein-Uhlenbeck", "{process: {kind: ou, params: {sigma: 1}, per: parent}}"),
]

MODEL = """
version: "2.0"
metadata: {{name: speed}}
timeframe: {{start: "2024-01-01", end: "2024-12-31"}}
entities:
  parent:
    rows: 70000
    pk: parent_id
    columns:
      parent_id: {{sequence: {{}}}}
      total: {{distribution: {{type: uniform, params: {{low: 1, high: 900}}}}, type: decimal, scale: 2}}
  other:
    rows: 70000
    pk: other_id
    columns:
      other_id: {{sequence: {{}}}}
facts:
  measured:
    parents: [parent]
    fanout: {{distribution: uniform, min: 3, max: 3}}
    pk: id
    columns:
      id: {{sequence: {{}}}}
      short: {{choice: {{choices: [a, b, c]}}}}
      at: {{datetime_series: {{freq: S}}}}
      price: {{distribution: {{type: normal, params: {{mean: 9, std: 1}}}}, type: float}}
      quantity: {{distribution: {{type: uniform, params: {{low: 1, high: 9}}}}, type: int}}
{columns}
  child:
    parents: [measured]
    fanout: {{distribution: uniform, min: 3, max: 3}}
    columns:
      amount: {{distribution: {{type: uniform, params: {{low: 1, high: 9}}}}, type: int}}
"""


def measured() -> Iterator[tuple[Case, float, float | None]]:
    """The cost of each case, in ns a value, and NumPy's."""
    columns = "\n".join(f"      c{place}: {case.column}" for place, case in enumerate(CASES))
    data = seedbed.plan(seedbed.loads(MODEL.format(columns=columns), "speed.yaml"))
    engine = Engine(data.prepared)
    for place, case in enumerate(CASES):
        plan = engine.column_plan("measured", f"c{place}")
        engines = [Engine(data.prepared) if case.kind == "aggregate" else engine for _ in range(TRIES)]  # which keep what they added up
        yield case, min(_of_column(each, plan) for each in engines), _of_numpy(case)


def _of_column(engine: Engine, plan: ColumnPlan) -> float:
    spent = 0.0
    for block in range(BLOCKS):
        frame = Frame(engine, plan.table, range(block * ROWS, (block + 1) * ROWS))
        for name in plan.depends:
            table, _, column = name.partition(".")
            if table == plan.table:
                frame.column(column)
        began = time.thread_time()
        to_arrow(frame.column(plan.name), plan, encoded=True)
        spent += time.thread_time() - began
    return spent / (BLOCKS * ROWS) * 1e9


def _of_numpy(case: Case) -> float | None:
    if case.draw is None:
        return None
    generator = np.random.default_rng(1)
    found = []
    for _ in range(TRIES):
        began = time.thread_time()
        for _ in range(BLOCKS):
            case.draw(generator, ROWS)
        found.append((time.thread_time() - began) / (BLOCKS * ROWS) * 1e9)
    return min(found)


def page() -> str:
    """The whole page."""
    lines = [
        f"| {case.kind} | {case.what} | {own:.1f} | {case.numpy} | {f'{other:.1f}' if other is not None else ''} |"
        for case, own, other in sorted(measured(), key=lambda found: -found[1])
    ]
    head = HEAD.format(python=platform.python_version(), numpy=np.__version__, pyarrow=pa.__version__)
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
