"""Two forms of one document: tables and columns as maps by their names, as people write them, and as lists, as the classes read them."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.core.records import dataclass
from seedbed.model.generators import KINDS
from seedbed.model.places import Mistake, Path
from seedbed.model.reading.wording import show

#: The maps of tables in the author's form, and the kind that each holds.
SECTIONS = {"vocabs": "vocab", "entities": "entity", "facts": "fact"}


@dataclass(frozen=True, slots=True)
class TableForm:
    """How the author wrote a table: where, the names of its columns where they are a map, and which columns have inlined generators."""

    base: Path
    columns: tuple[str, ...] | None = None
    inlined: frozenset[int] = frozenset()

    @property
    def is_named(self) -> bool:
        """Whether the table stands in a map, so that its name and its kind are no keys of it."""
        return self.base[0] in SECTIONS


@dataclass(frozen=True, slots=True)
class Canonical:
    """A document in the canonical form, and where its parts stand in the author's; mistakes are at the author's own paths."""

    data: object
    tables: tuple[TableForm, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def author(self, path: Path) -> Path:
        """The author's path of a part of the canonical form; other paths stay.

        >>> form = canonical({"entities": {"user": {"columns": {"id": {"sequence": {"start": 5}}}}}})
        >>> form.author(("nodes", 0, "columns", 0, "generator", "sequence", "start"))
        ('entities', 'user', 'columns', 'id', 'sequence', 'start')
        """
        if path == ("nodes",) and self.tables and self.tables[0].is_named:
            return self.tables[0].base[:1]
        if len(path) < 2 or path[0] != "nodes" or not isinstance(path[1], int) or path[1] >= len(self.tables):
            return path
        table, rest = self.tables[path[1]], path[2:]
        if table.is_named and rest[:1] in {("id",), ("kind",)}:
            return table.base
        if len(rest) < 2 or rest[0] != "columns" or not isinstance(rest[1], int):
            return table.base + rest
        return (*table.base, "columns", *_column_path(table, rest[1], rest[2:]))

    def canonical(self, path: Path) -> Path:
        """The canonical path of a part of the author's document; of a map of tables, that of its first table, or of all tables."""
        found = next((index for index, table in enumerate(self.tables) if path[: len(table.base)] == table.base), None)
        if found is None:
            first = next((index for index, table in enumerate(self.tables) if len(path) == 1 and table.base[0] == path[0]), None)
            return path if first is None else ("nodes", first) if first else ("nodes",)
        table = self.tables[found]
        rest = path[len(table.base) :]
        if len(rest) < 2 or rest[0] != "columns":
            return ("nodes", found, *rest)
        place = table.columns.index(str(rest[1])) if table.columns is not None and rest[1] in table.columns else rest[1]
        is_inlined = place in table.inlined and rest[2:3] and rest[2] in KINDS
        return ("nodes", found, "columns", place, *(("generator",) if is_inlined else ()), *rest[2:])


def canonical(data: object, *, inline: bool = True) -> Canonical:
    """The canonical form of a document; what is in that form already stays. Columns of lists keep inlined generators unless `inline`.

    >>> canonical({"facts": {"order": {"columns": {"id": {"sequence": {}, "type": "int"}}}}}).data
    {'nodes': [{'id': 'order', 'kind': 'fact', 'columns': [{'name': 'id', 'type': 'int', 'generator': {'sequence': {}}}]}]}
    """
    if not isinstance(data, Mapping):
        return Canonical(data)
    mistakes: list[Mistake] = []
    found = _listed_tables(data, mistakes)
    tables: list[TableForm] = []
    nodes: list[object] = []
    for base, value in found:
        node, form = _table(value, base, mistakes, inline=inline)
        nodes.append(node)
        tables.append(form)
    whole: dict[object, object] = {}
    for key, value in data.items():
        if key == "nodes" and not isinstance(value, list):
            whole[key] = value
        elif key == "nodes" or key in SECTIONS:
            whole.setdefault("nodes", nodes)
        else:
            whole[key] = value
    return Canonical(whole, tuple(tables), tuple(mistakes))


def authoring(data: object) -> object:
    """The author's form of a document that is sound: tables in maps by kind, columns by name, generators inlined.

    >>> authoring({"nodes": [{"id": "a", "kind": "entity", "columns": [{"name": "b", "type": "int", "generator": {"sequence": {}}}]}]})
    {'entities': {'a': {'columns': {'b': {'sequence': {}, 'type': 'int'}}}}}
    """
    whole = canonical(data).data
    if not isinstance(whole, Mapping):
        return whole
    found: dict[str, object] = {}
    for key, value in whole.items():
        found |= _sections(value) if key == "nodes" and isinstance(value, list) else {key: value}
    return found


def _listed_tables(data: Mapping[object, object], mistakes: list[Mistake]) -> list[tuple[Path, object]]:
    """Every table and where it stands: those of `nodes` first."""
    nodes = data.get("nodes")
    found: list[tuple[Path, object]] = [(("nodes", index), node) for index, node in enumerate(nodes)] if isinstance(nodes, list) else []
    first: dict[str, str] = {}
    for section, value in data.items():
        if section not in SECTIONS or value is None:
            continue
        if not isinstance(value, Mapping):
            mistakes.append(
                Mistake((str(section),), f"expected tables by their names; found {show(value)}", "write `name: {columns: ...}`")
            )
            continue
        for name, table in value.items():
            if name in first:
                message = f"the table `{name}` stands in `{first[name]}` and in `{section}`"
                mistakes.append(Mistake((str(section), name), message, "keep one of them", at_key=True))
                continue
            first[name] = str(section)
            found.append(((str(section), name), table))
    return found


def _table(value: object, base: Path, mistakes: list[Mistake], *, inline: bool) -> tuple[object, TableForm]:
    is_named = base[0] in SECTIONS
    if not isinstance(value, Mapping):
        return value, TableForm(base)
    node: dict[object, object] = {"id": base[1], "kind": SECTIONS[str(base[0])]} if is_named else {}
    for key in value:
        if is_named and key in {"id", "kind"}:
            what = f"the key `{base[1]}`" if key == "id" else f"`{base[0]}`"
            mistakes.append(
                Mistake((*base, key), f"{what} says the table's {'name' if key == 'id' else key} already", f"remove `{key}`", at_key=True)
            )
        else:
            node[key] = value[key]
    columns = value.get("columns")
    if isinstance(columns, Mapping):
        node["columns"], inlined = _columns(dict(columns), (*base, "columns"), mistakes)
        return node, TableForm(base, tuple(columns), inlined)
    if isinstance(columns, list) and (inline or is_named):
        node["columns"], inlined = _columns(dict(enumerate(columns)), (*base, "columns"), mistakes)
        return node, TableForm(base, None, inlined)
    return node, TableForm(base)


def _columns(columns: Mapping[str | int, object], base: Path, mistakes: list[Mistake]) -> tuple[list[object], frozenset[int]]:
    """Columns as a list, and which of them had inlined generators; keys are names, or places where they were a list before."""
    found: list[object] = []
    inlined = set()
    for place, (key, value) in enumerate(columns.items()):
        if not isinstance(value, Mapping):
            found.append(value)
            continue
        column: dict[object, object] = {"name": key} if isinstance(key, str) else {}
        if isinstance(key, str) and "name" in value:
            mistakes.append(Mistake((*base, key, "name"), f"the key `{key}` says the column's name already", "remove `name`", at_key=True))
        column |= {word: part for word, part in value.items() if word not in KINDS and not (word == "name" and isinstance(key, str))}
        kinds = {word: part for word, part in value.items() if word in KINDS}
        if kinds and "generator" in value:
            word = next(iter(kinds))
            mistakes.append(
                Mistake(
                    (*base, key, word), f"`{word}` stands beside `generator`: a column takes exactly one", "keep one of them", at_key=True
                )
            )
        elif kinds:
            column["generator"] = kinds
            inlined.add(place)
        found.append(column)
    return found, frozenset(inlined)


def _column_path(table: TableForm, place: int, rest: Path) -> Path:
    """The author's path, below `columns`, of a part of a column."""
    name: str | int = place
    if table.columns is not None and place < len(table.columns):
        name = table.columns[place]
        if rest[:1] == ("name",):
            return (name,)
    return (name, *(rest[1:] if place in table.inlined and rest[:1] == ("generator",) else rest))


def _sections(nodes: list[object]) -> dict[str, object]:
    """Tables by kind and name, kinds in the order of their first tables."""
    found: dict[str, dict[str, object]] = {}
    section_of = {kind: section for section, kind in SECTIONS.items()}
    for node in nodes:
        assert isinstance(node, Mapping)  # the document is sound
        table = {key: value for key, value in node.items() if key not in {"id", "kind"}}
        table["columns"] = {column["name"]: _inlined(column) for column in node["columns"]}
        found.setdefault(section_of[node["kind"]], {})[node["id"]] = table
    return dict(found)


def _inlined(column: Mapping[str, object]) -> dict[str, object]:
    """A column without its name, its generator's kind first; a generator with a comment of its own stays."""
    rest = {key: value for key, value in column.items() if key != "name"}
    generator = column.get("generator")
    kinds = [key for key, value in generator.items() if value is not None] if isinstance(generator, Mapping) else []
    if not isinstance(generator, Mapping) or len(kinds) != 1 or kinds[0] not in KINDS:
        return rest
    return {kinds[0]: generator[kinds[0]], **{key: value for key, value in rest.items() if key != "generator"}}
