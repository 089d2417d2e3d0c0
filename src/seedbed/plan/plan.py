"""A model compiled: columns in order, keys derived, names resolved. Symbolic, frozen, picklable."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from seedbed.core.block import ColumnType
from seedbed.core.draw import Key, derive_key
from seedbed.core.records import dataclass
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.links import LinkSpec
from seedbed.model.references import plan_link

#: Which bytes a model gives: raised whenever the same model and seed would give others.
BYTES_VERSION = 1

DEFAULT_SEED = 42
DEFAULT_ROWS = 1000
NULL_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Link:
    """Which row of `target` a row belongs to.

    parent: the fan-out's own; partner: the second parent, never twice for one parent; tree: a row of the same table, without
    cycles; random: any row; distinct: any row, no row twice; join: the row whose `remote` equals this row's `local`, which is the
    row of another link where `via` names it; declared: as `spec` says.
    """

    name: str
    kind: Literal["parent", "partner", "tree", "random", "distinct", "join", "declared"]
    target: str
    local: str | None = None
    remote: str | None = None
    via: str | None = None
    spec: LinkSpec | None = None

    @property
    def is_tree(self) -> bool:
        """Whether rows lead to rows of their own table, up to roots that lead to none."""
        return self.kind == "tree" or (self.spec is not None and self.spec.hierarchy is not None)


@dataclass(frozen=True, slots=True)
class RowBound:
    """This column's value `op` the value of another column of the same row, or of the row that `link` leads to."""

    op: Literal["<", "<=", ">", ">="]
    column: str
    table: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a column's values are held to: fixed ends, and columns they must stay below or above."""

    low: float | None = None
    high: float | None = None
    bounds: tuple[RowBound, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything limits the column."""
        return self.low is not None or self.high is not None or bool(self.bounds)


@dataclass(frozen=True, slots=True)
class ValueFactor:
    """A behaviour of `table` that scales a column: read through `link`, or from the same row where it is None."""

    kind: Literal["segment", "vintage"]
    table: str
    name: str
    link: str | None


#: What a funnel, or a state machine, fills a column with.
Filled = Literal["name", "index", "state", "state time", "event", "event time", "event number"]


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column, with all that its kernel needs."""

    table: str
    spec: ColumnSpec
    depends: tuple[str, ...] = ()
    link: str | None = None
    null_share: float = 0.0
    is_key: bool = False
    is_unique: bool = False
    references: str | None = None
    time_column: str | None = None
    names_from: tuple[str, ...] = ()
    limits: Limits = Limits()
    factors: tuple[ValueFactor, ...] = ()
    stage: Filled | None = None
    tz: str | None = None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.spec.name

    @property
    def ref(self) -> str:
        """`table.column`."""
        return f"{self.table}.{self.spec.name}"

    @property
    def type(self) -> ColumnType:
        """The type of the values."""
        return self.spec.type

    @property
    def nullable(self) -> bool:
        """Whether the column may hold nulls."""
        return self.spec.may_be_null


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: its columns, links and, where the model says it, its number of rows."""

    node: Node
    columns: tuple[ColumnPlan, ...]
    links: tuple[Link, ...]
    rows: int | None
    time_column: str | None = None
    expected_rows: float = 0.0

    @property
    def name(self) -> str:
        """The table's name."""
        return self.node.id

    @property
    def kind(self) -> str:
        """entity, fact or vocab."""
        return self.node.kind

    @property
    def parent(self) -> str | None:
        """The table whose rows have this table's rows as children."""
        return self.node.parents[0] if self.node.kind == "fact" else None

    @property
    def delivered(self) -> tuple[ColumnPlan, ...]:
        """The columns that blocks and files hold: those that are not hidden."""
        return tuple(column for column in self.columns if not column.spec.hidden)

    def column(self, name: str) -> ColumnPlan:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def link_name(self, name: str) -> str:
        """The name by which `link` knows what the author calls so: a link, or a parent."""
        return plan_link(self.node, name)

    def link(self, name: str) -> Link:
        """The link of that name; KeyError where there is none."""
        for link in self.links:
            if link.name == name:
                return link
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a plan: a wish its own weights contradict, a promise it cannot prove, a marginal that is cut."""

    level: Literal["info", "warning"]
    code: str
    message: str
    path: tuple[str | int, ...] = ()
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A model, a seed and what follows from them without any data; `depth` is the longest chain of columns computed from each other.

    `streams` are the old names whose draws columns keep, by table and new name; `truth_rows` is the size of the list of faults, a guess
    until they are counted.
    """

    model: Model
    seed: int
    scale: float
    tables: tuple[TablePlan, ...]
    column_order: tuple[str, ...]
    fact_order: tuple[str, ...]
    fingerprint: str
    findings: tuple[Finding, ...] = ()
    estimated_bytes: dict[str, int] = field(default_factory=dict)
    depth: int = 1
    streams: dict[tuple[str, str], str] = field(default_factory=dict)
    truth_rows: float = 0.0

    @property
    def ground_truth(self) -> str | None:
        """The name of the table that lists the faults put in on purpose, where there are some."""
        return None if self.model.quality_injection is None else self.model.quality_injection.ground_truth

    @property
    def delivered(self) -> tuple[str, ...]:
        """The names of all tables that are delivered: those of the model, then the list of faults."""
        return (*(table.name for table in self.tables), *((self.ground_truth,) if self.ground_truth is not None else ()))

    def table(self, name: str) -> TablePlan:
        """The table of that name; KeyError where there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def column(self, ref: str) -> ColumnPlan:
        """The column `table.column`; KeyError where there is none."""
        table, _, name = ref.partition(".")
        return self.table(table).column(name)

    def key(self, table: str, *purpose: str) -> Key:
        """The key of a stream of draws of a table; a column that keeps the draws of its old name has the key of that name."""
        names = (self.streams.get((table, purpose[0]), purpose[0]), *purpose[1:]) if purpose else ()
        return derive_key(self.seed, table, *names)
