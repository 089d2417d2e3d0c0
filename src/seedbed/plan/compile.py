"""Compile a model: resolve links and dependencies, order the columns, make room for constraints, refuse what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seedbed.core.block import ColumnType
from seedbed.model.base import column_of, table_of
from seedbed.model.document import EVENT_NUMBER, ColumnSpec, Model, Node
from seedbed.model.places import Marks, Mistake, Places
from seedbed.model.resolve.types import with_types
from seedbed.plan.contradictions import contradictions
from seedbed.plan.dependencies import dependencies, rows_name
from seedbed.plan.estimate import estimated_bytes
from seedbed.plan.fanouts import fanout_mistakes
from seedbed.plan.feasibility import column_mistakes, node_mistakes
from seedbed.plan.fingerprint import fingerprint
from seedbed.plan.graph import depths, ordered
from seedbed.plan.limits import find_limits
from seedbed.plan.links import node_links
from seedbed.plan.locales import localised
from seedbed.plan.moments import grid_mistakes
from seedbed.plan.plan import DEFAULT_ROWS, DEFAULT_SEED, NULL_SHARE, ColumnPlan, Filled, Limits, Plan, TablePlan, ValueFactor
from seedbed.plan.plugged import plugin_mistakes
from seedbed.plan.promises import promise_findings, promise_mistakes
from seedbed.plan.quality import TRUTH_BYTES, expected_truths, quality_mistakes
from seedbed.plan.rows import expected_rows
from seedbed.plan.states import machine_mistakes
from seedbed.plan.support import Supports, names_column
from seedbed.plan.targets import target_findings

#: Methods of Faker whose value is a person's name: an e-mail after one of them derives from it.
NAME_METHODS = frozenset(
    f"{kind}{suffix}" for kind in ("name", "first_name", "last_name") for suffix in ("", "_male", "_female", "_nonbinary")
)
MAIL_METHODS = frozenset(
    {
        "email",
        "ascii_email",
        "safe_email",
        "free_email",
        "ascii_free_email",
        "ascii_safe_email",
        "company_email",
        "ascii_company_email",
        "user_name",
    }
)
#: More rows than this no table can have: row numbers and counts stay exact everywhere.
MOST_ROWS = 1 << 48

#: A longer chain of columns, each computed from the one before, no call stack holds.
MOST_DEEP = 1_000

_STAGE_COLUMNS: dict[str, Filled] = {"stage_name": "name", "stage_index": "index"}


def compile_plan(
    model: Model,
    *,
    seed: int | None = None,
    rows: Mapping[str, int] | None = None,
    scale: float | None = None,
    places: Places | None = None,
) -> Plan:
    """Compile a model into a plan.

    `seed` and `scale` stand in place of the model's own. `rows` overrides the number of rows of entities, the scale multiplies that
    of all others; `places` lets errors say line and column.

    Raises:
        ModelError: the model, or what is asked of it, cannot be; all that is wrong at once.

    >>> from seedbed.model.reading import parse
    >>> model = parse('{"version": "1.0", "metadata": {"name": "m"}, "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},'
    ...     '"nodes": [{"id": "t", "kind": "entity", "columns": [{"name": "id", "type": "int", "generator": {"sequence": {}}}]}]}', "m.json")
    >>> compile_plan(model, rows={"t": 7}).table("t").rows
    7
    """
    model = with_types(model)[0]  # those that were not read, but made
    places = places or unplaced(model)
    model = localised(model)
    scale = model.scale if scale is None else scale
    counts = _row_counts(model, dict(rows or {}), scale, places)
    links = {node.id: node_links(model, node) for node in model.nodes}
    all_links = {name: found for name, (_, found) in links.items()}
    times = {node.id: time_column_of(node) for node in model.nodes}
    mistakes = grid_mistakes(model)
    if mistakes:
        raise places.error(mistakes)
    limits, mistakes, findings = find_limits(model, all_links, counts)
    tables = [
        TablePlan(
            node,
            tuple(_column_plan(model, node, column, links[node.id][0], times[node.id], limits) for column in node.columns),
            links[node.id][1],
            counts[node.id],
            times[node.id],
        )
        for node in model.nodes
    ]
    mistakes += plugin_mistakes(model) + node_mistakes(model) + machine_mistakes(model)
    named = {table.name: table for table in tables}
    mistakes += column_mistakes(model, named, Supports(model, {}, counts))
    mistakes += fanout_mistakes(model, named, Supports(model, {}, counts))
    mistakes += contradictions(model, named)
    mistakes += promise_mistakes(model, named) if model.version != "1.0" else []
    mistakes += quality_mistakes(model, named)
    if mistakes:
        raise places.error(mistakes)
    graph = dependencies(model, tables)
    order, cycle = ordered(graph)
    if cycle:
        raise places.error([_cycle_mistake(model, cycle)])
    chains = depths(graph, order)
    if max(chains.values()) > MOST_DEEP:
        raise places.error([_depth_mistake(model, chains)])
    expected = expected_rows(model, counts)
    findings += target_findings(model, limits, times)
    findings += promise_findings(model, named) if model.version == "1.0" else []
    truths = expected_truths(model, expected)
    sized = [_completed(table, expected[table.name], graph) for table in _table_order(tables)]
    own_seed = DEFAULT_SEED if model.seed is None else model.seed
    plan_seed = own_seed if seed is None else seed
    return Plan(
        model=model,
        seed=plan_seed,
        scale=scale,
        tables=tuple(sized),
        column_order=tuple(name for name in order if "." in name),
        fact_order=tuple(table.name for name in order for table in tables if table.parent is not None and name == rows_name(table.name)),
        fingerprint=fingerprint(model, plan_seed, counts),
        findings=tuple(findings),
        estimated_bytes={table.name: estimated_bytes(table) for table in sized} | _truth_bytes(model, truths),
        depth=max(chains.values()),
        streams={(node.id, column.name): column.seed_as for node in model.nodes for column in node.columns if column.seed_as},
        truth_rows=truths,
    )


def unplaced(model: Model) -> Places:
    """Places of a model that was not read from a document."""
    return Places("", model.model_dump(by_alias=True, mode="json", exclude_defaults=True), Marks)


def time_column_of(node: Node) -> str | None:
    """The column that holds a row's time: the node's first datetime that is drawn, else its first date that is, else the first of any kind."""
    times = [column for kind in (ColumnType.DATETIME, ColumnType.DATE) for column in node.columns if column.type is kind]
    drawn = [column for column in times if column.generator.datetime_series is not None]
    return next((column.name for column in (*drawn, *times)), None)


def _row_counts(model: Model, asked: dict[str, int], scale: float, places: Places) -> dict[str, int | None]:
    mistakes = []
    for name, count in asked.items():
        node = model.node(name)
        if node is None:
            fix = f"tables with a number of rows: {', '.join(node.id for node in model.nodes if node.kind == 'entity')}"
            mistakes.append(Mistake((), f"there is no table `{name}` to give {count} rows", fix))
        elif node.kind != "entity":
            fix = "scale the dataset, or give rows to its parent" if node.kind == "fact" else "change its enum_list"
            mistakes.append(
                Mistake((), f"the rows of `{name}` cannot be set: a {node.kind} has as many as its parents or values give", fix)
            )
        elif count < 0:
            mistakes.append(Mistake((), f"`{name}` cannot have {count} rows", "give a number from 0 on"))
    if not 0 < scale <= MOST_ROWS:
        mistakes.append(
            Mistake(
                ("scale",) if scale == model.scale else (),
                f"the scale must be a number above 0 and at most {MOST_ROWS:,}, not {scale:g}",
                "for example 0.1 or 20",
            )
        )
    counts = {node.id: _rows_of(node, asked, scale) for node in model.nodes} if not mistakes else {}
    for index, node in enumerate(model.nodes):
        if (counts.get(node.id) or 0) > MOST_ROWS:
            path = ("nodes", index, "rows")
            mistakes.append(
                Mistake(path, f"`{node.id}` would have {counts[node.id]:,} rows; at most {MOST_ROWS:,}", "lower the rows or the scale")
            )
    if mistakes:
        raise places.error(mistakes)
    return counts


def _rows_of(node: Node, asked: dict[str, int], scale: float) -> int | None:
    if node.kind == "vocab":
        return max(len(column.generator.enum_list.values) for column in node.columns if column.generator.enum_list)
    if node.kind == "fact":
        return None
    if node.id in asked:
        return asked[node.id]
    rows = DEFAULT_ROWS if node.rows is None else node.rows
    return max(1, int(rows * scale + 0.5)) if rows else 0


def _column_plan(
    model: Model,
    node: Node,
    spec: ColumnSpec,
    chosen: dict[str, str],
    time_column: str | None,
    limits: dict[str, Limits],
) -> ColumnPlan:
    ref = f"{node.id}.{spec.name}"
    stage = _filled(node, spec.name)
    is_key = _is_key(model, node, spec)
    return ColumnPlan(
        table=node.id,
        spec=spec,
        link=chosen.get(spec.name),
        null_share=0.0 if stage else _null_share(spec, is_key=is_key),
        is_key=spec.name in node.primary_key,
        is_unique=node.key == spec.name or spec.unique or ref in model.constraints.unique_columns,
        references=_references(model, node, spec),
        time_column=time_column,
        names_from=_names_before(node, spec),
        limits=limits.get(ref, Limits()),
        factors=tuple(_factors(model, node, spec)),
        stage=stage,
        tz=model.timeframe.tz,
    )


def _null_share(spec: ColumnSpec, *, is_key: bool) -> float:
    """The share of values that are made null at random: none where an expression, a link or children say which are."""
    if spec.null_rate is not None:
        return spec.null_rate
    generator = spec.generator
    follows = (
        spec.null_if is not None or generator.aggregate is not None or (generator.lookup is not None and generator.lookup.via is not None)
    )
    return NULL_SHARE if spec.nullable and not follows and not is_key else 0.0


def _filled(node: Node, name: str) -> Filled | None:
    """What the node itself fills a column with."""
    if node.stage_config is not None:
        return _STAGE_COLUMNS.get(name)
    found: dict[str, Filled] = {}
    if node.state_transition_model is not None:
        machine = node.state_transition_model
        found = {machine.time_column or "": "state time", machine.state_column: "state"}
    elif node.events is not None:
        found = {node.events.state_column: "event", node.events.events_time: "event time", EVENT_NUMBER: "event number"}
    return found.get(name)


def _is_key(model: Model, node: Node, spec: ColumnSpec) -> bool:
    """Whether the column is a key, reads one, or joins by one: such columns are never nulled at random."""
    joins = any(
        spec.name in {*lookup.on.keys(), *lookup.on.values()}
        for column in node.columns
        if (lookup := column.generator.lookup) and lookup.on
    )
    return spec.name in node.primary_key or joins or _references(model, node, spec) is not None


def _references(model: Model, node: Node, spec: ColumnSpec) -> str | None:
    """The key that a column refers to: by a declared foreign key, or by looking up a primary key."""
    for key in model.constraints.foreign_keys:
        if key.sources == (f"{node.id}.{spec.name}",):
            return key.goals[0]
    lookup = spec.generator.lookup
    target = model.node(table_of(lookup.from_)) if lookup else None
    return lookup.from_ if lookup and target and target.key == column_of(lookup.from_) else None


def _names_before(node: Node, spec: ColumnSpec) -> tuple[str, ...]:
    """The name columns an e-mail derives from: the nearest before it, and its other half where that comes before too."""
    faker = spec.generator.faker
    if faker is None or faker.method not in MAIL_METHODS:
        return ()
    before = node.columns[: node.columns.index(spec)]
    names = [
        (column.name, column.generator.faker.method)
        for column in before
        if column.generator.faker and column.generator.faker.method in NAME_METHODS
    ]
    if not names:
        return ()
    nearest, method = names[-1]
    half = {"first": "last", "last": "first"}.get(method.partition("_")[0])
    other = next((name for name, kind in reversed(names[:-1]) if half and kind.startswith(half)), None)
    if other is None:
        return (nearest,)
    return (nearest, other) if half == "last" else (other, nearest)


def _factors(model: Model, node: Node, spec: ColumnSpec) -> list[ValueFactor]:
    found = []
    for owner in model.nodes:
        link = None if owner.id == node.id else "partner" if owner.id in node.parents[1:] else "parent"
        if owner.segment_behavior and names_column(owner, owner.segment_behavior.applies_to_columns, node, spec.name):
            found.append(ValueFactor("segment", owner.id, owner.segment_behavior.segment_column, link))
        for name, multiplier in (owner.vintage_behavior.age_based_multipliers if owner.vintage_behavior else {}).items():
            if multiplier.applies_to != "fanout" and names_column(owner, multiplier.applies_to, node, spec.name):
                found.append(ValueFactor("vintage", owner.id, name, link))
    return found


def _cycle_mistake(model: Model, cycle: tuple[str, ...]) -> Mistake:
    message = f"columns depend on each other in a circle: {' -> '.join(_ends_of(cycle))}"
    return Mistake(_path_of_first(model, cycle), message, "let one of them be drawn without the others")


def _ends_of(chain: tuple[str, ...]) -> tuple[str, ...]:
    """A chain of names, without its middle where it is long."""
    return chain if len(chain) <= 12 else (*chain[:6], f"({len(chain) - 12:,} more)", *chain[-6:])


def _depth_mistake(model: Model, chains: Mapping[str, int]) -> Mistake:
    deepest = max(chains, key=lambda name: chains[name])
    message = f"{deepest} is computed through a chain of {chains[deepest]:,} columns and tables; at most {MOST_DEEP:,} can be"
    return Mistake(_path_of_first(model, (deepest,)), message, "compute it from columns that lie nearer to what is drawn")


def _path_of_first(model: Model, names: tuple[str, ...]) -> tuple[str | int, ...]:
    """Where the first of these stands that is a column, else the first table whose number of rows is meant."""
    tables = {node.id: place for place, node in enumerate(model.nodes)}
    for name in names:
        table, _, column = name.partition(".")
        if column:
            columns = [spec.name for spec in model.nodes[tables[table]].columns]
            return "nodes", tables[table], "columns", columns.index(column)
    return "nodes", tables[names[0].removeprefix("rows(").removesuffix(")")]


def _table_order(tables: list[TablePlan]) -> list[TablePlan]:
    """Parents and referenced tables first, otherwise as in the document; circles among tables keep the document's order."""
    named = {table.name: table for table in tables}
    placed: dict[str, TablePlan] = {}
    waiting = list(tables)
    while waiting:
        ready = [t for t in waiting if all(link.target in placed or link.target == t.name or link.target not in named for link in t.links)]
        chosen = ready[0] if ready else waiting[0]
        placed[chosen.name] = chosen
        waiting.remove(chosen)
    return list(placed.values())


def _completed(table: TablePlan, expected: float, graph: Mapping[str, tuple[str, ...]]) -> TablePlan:
    """A table with what only the whole model tells: its expected rows, and what each column is computed from."""
    columns = tuple(replace(column, depends=tuple(name for name in graph[column.ref] if "." in name)) for column in table.columns)
    return replace(table, columns=columns, expected_rows=expected)


def with_exact_rows(plan: Plan, rows: Mapping[str, int]) -> Plan:
    """The plan, facts included, with the numbers of rows that preparing it told."""
    tables = tuple(replace(table, rows=rows[table.name]) for table in plan.tables)
    truths = rows[plan.ground_truth] if plan.ground_truth is not None else 0
    sizes = {table.name: estimated_bytes(table) for table in tables} | _truth_bytes(plan.model, truths)
    return replace(plan, tables=tables, estimated_bytes=sizes, truth_rows=truths)


def _truth_bytes(model: Model, rows: float) -> dict[str, int]:
    """About how many bytes the list of faults takes, where there is one."""
    return {model.quality_injection.ground_truth: int(rows * TRUTH_BYTES)} if model.quality_injection is not None else {}
