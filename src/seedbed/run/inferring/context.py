"""What all tables of a model know of each other while they are built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from seedbed.core.records import dataclass
from seedbed.run.inferring.roles import Role
from seedbed.run.inferring.seen import Seen
from seedbed.stats.inference.made import Made, Spec
from seedbed.stats.inference.semantics import Meaning


@dataclass(slots=True)
class Table:
    """A table of the model as far as it is known; `notes` are comments by place: a column's name, `fanout`, `links.NAME`, `` for the table."""

    name: str
    spec: Spec = field(default_factory=dict)
    columns: dict[str, Made] = field(default_factory=dict)
    links: Spec = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    lookups: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Context:
    """The tables seen, their parts, and what has been built of them; `withheld` says what of the data was not copied."""

    seen: Mapping[str, Seen]
    roles: Mapping[str, Role]
    meant: Mapping[str, Mapping[str, Meaning]]
    keeps_values: bool
    is_country: Callable[[str], bool]
    tables: dict[str, Table] = field(default_factory=dict)
    constraints: dict[str, list[Spec]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    def constrain(self, kind: str, rule: Spec) -> None:
        """Add a constraint of the model."""
        rules = self.constraints.setdefault(kind, [])
        if rule not in rules:
            rules.append(rule)

    def typed(self, table: str, column: str) -> Spec:
        """The keys that say the type of a column that is built already."""
        made = self.tables[table].columns.get(column) if table in self.tables else None
        return {key: made.spec[key] for key in ("type", "precision", "scale") if key in made.spec} if made else {}
