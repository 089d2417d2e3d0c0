"""The log of changes: in which file, in the order of their names, tables, columns and types first came. So the order of collecting is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seedbed.core.records import dataclass
from seedbed.read.collect.shapes import TableShape
from seedbed.run.collect.contracts import OWN


@dataclass(frozen=True, slots=True)
class Change:
    """What a file brought that none before it (by name) had."""

    version: int
    file: str
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    types: tuple[str, ...]

    def lines(self) -> list[str]:
        """The change as lines of a list; of the first version only its tables."""
        if self.version == 1:
            return [f"tables {_listed(self.tables)}" if self.tables else "no table"]
        made = [f"table `{name}`" for name in self.tables]
        return [*made, *(f"column `{name}`" for name in self.columns), *self.types]


def changes_of(tables: Sequence[TableShape], firsts: Iterable[tuple[str, str, str]]) -> list[Change]:
    """The log: a version for each file that brought something; `firsts` are (path, type, name of the first file)."""
    places = _Places.of(tables)
    news: dict[str, list[tuple[str, str, str]]] = {}
    seen: dict[tuple[str, str, str], str] = {}
    for path, kind, name in firsts:
        for found in places.named(path, kind):
            if found not in seen or name < seen[found]:
                seen[found] = name
    for found, name in sorted(seen.items()):
        news.setdefault(name, []).append(found)
    return _versions(news)


def _versions(news: Mapping[str, list[tuple[str, str, str]]]) -> list[Change]:
    known: set[tuple[str, str]] = set()
    made: list[Change] = []
    for name in sorted(news):
        tables = [table for table, column, _ in news[name] if not column]
        columns, types = [], []
        for table, column, kind in news[name]:
            if not column or table in tables:
                known.add((table, column))
            elif kind == "null":
                continue
            elif (table, column) not in known:
                columns.append(f"{table}.{column}")
                known.add((table, column))
            else:
                types.append(f"`{table}.{column}` also has values of type {kind}")
        new = tuple(dict.fromkeys(columns))
        shown = tuple(text for text in types if not any(text.startswith(f"`{one}`") for one in new))
        if tables or new or shown:
            made.append(Change(len(made) + 1, name, tuple(tables), new, shown))
    return made


@dataclass(frozen=True, slots=True)
class _Places:
    """Tables and columns by their paths, without the `*` of elements."""

    tables: Mapping[str, str]
    columns: Mapping[str, tuple[str, str]]
    maps: frozenset[str]

    @classmethod
    def of(cls, tables: Sequence[TableShape]) -> _Places:
        columns = {}
        for table in tables:
            for column in table.columns:
                if column.name not in OWN:
                    columns[_bare(table.path + column.path)] = (table.name, column.name)
        by_path = {_bare(table.path): table.name for table in tables}
        maps = frozenset(table.path.removesuffix("/*") for table in tables if table.form == "map")
        return cls(by_path, columns, maps)

    def named(self, path: str, kind: str) -> Iterable[tuple[str, str, str]]:
        """What a path means: the table whose rows are there, the column whose values are; none for what lies within columns."""
        bare = _bare(self._with_stars(path))
        if kind == "object" and bare in self.tables:
            yield self.tables[bare], "", ""
        if bare in self.columns and kind not in ("object", "list"):
            yield *self.columns[bare], kind

    def _with_stars(self, path: str) -> str:
        """The path with `*` for keys that are data."""
        if not self.maps:
            return path
        made = ""
        for part in path.split("/")[1:]:
            made = f"{made}/{'*' if made in self.maps else part}"
        return made


def _bare(path: str) -> str:
    return "".join(f"/{part}" for part in path.split("/")[1:] if part != "*")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
