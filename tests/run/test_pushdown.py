"""What a database says of its tables is what their rows say."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.check.outcome import CheckResult
from seedbed.check.vocabulary import compile_document
from seedbed.core.errors import ModelError
from seedbed.model.checks.reading import checks_from
from seedbed.read.sources import open_tables
from seedbed.run import pushdown
from seedbed.run.validate import validate
from tests.run.databases import ORDER, PEOPLE, PERSON, SCHEMA, TEXT, in_duckdb, in_postgres, in_sqlite
from tests.run.shop import write_model

QUICK = (Phase.explicit, Phase.generate)  # making a failing example smaller takes minutes
Put = Callable[[dict[str, pa.Table], Path], str]


def check(kind: str, **rest: Any) -> dict[str, Any]:
    return {"kind": kind, **rest}


CHECKS: list[dict[str, Any]] = [
    check("primary_key", columns=["id"]), check("primary_key", columns=["n", "m"]), check("unique", column="x"), check("unique", column=TEXT),
    check("unique", columns=["word", "day"], where="n > 0"), check("duplicate_rows", columns=["n", "x", "word"]), check("not_null", column=["n", "x", TEXT]),
    check("null", column="y"), check("missing", column=TEXT), check("null_share", column="x", max=0.1), check("row_complete"),
    check("unique_within_row", columns=["n", "m"]), check("distinct_count", column=["x", TEXT, "day"], min=3), check("distinct_share", column="n", min=0.9),
    check("range", column="n", min=-1, max=3), check("range", column="x", min=0.1), check("range", column="x", max=0.3, exclusive=True),
    check("range", column="day", min="2024-01-02", max="2024-01-03"), check("range", column="seen", max="2024-01-02"), check("range", column="price", min=0.05, max=1.5),
    check("in_set", column=TEXT, values=["a", "it's", "b\\c", "%"]), check("in_set", column="n", values=[1, 2]), check("in_set", column="price", values=["0.10", "2"]),
    check("in_set", column="is_new", values=[True]), check("not_in_set", column="x", values=[0.1, 1]), check("not_in_set", column="day", values=["2024-01-02"]),
    check("regex", column=TEXT, regex="^[a-z]+$"), check("not_regex", column="word", regex=r"\d|b\\c|\s"), check("like", column="word", pattern="%a%"),
    check("length", column=TEXT, min=1, max=2), check("prefix", column="word", prefix="a"), check("suffix", column="word", suffix="é"), check("email", column="word"),
    check("compare_columns", left="n", op="<", right="m"), check("compare_columns", left="x", op="!=", right="y"), check("compare_columns", left="n", op="<=", right="x"),
    check("compare_columns", left=TEXT, op="==", right="word"), check("compare_columns", left="day", op="<=", right="seen"),
    check("row_expression", expr="x < y or n == m"), check("row_expression", expr="x * 2 - y > 0"), check("row_expression", expr="n % 3 != 1 and not is_null(word)"),
    check("row_expression", expr="n + m * 1000000000 > 3"), check("row_expression", expr="if_(is_new, price, 1) >= 0.5"), check("row_expression", expr="year(day) == 2024"),
    check("row_expression", expr="coalesce(x, 0.5) / 4 <= 0.2", where="word != 'a'"), check("row_expression", expr="n / m > 1"), check("row_expression", expr="length(word) < 2"),
    check("conditional", **{"if": "n > 1", "then": "m > 1"}), check("temporal_order", columns=["day", "seen"]), check("foreign_key", columns=["person"], to=PERSON, to_columns=["id"]),
    check("foreign_key", columns=["person", "word"], to=PERSON, to_columns=["id", "word"], where="n >= 0"), check("min", column="n", min=0), check("max", column="price", max=1),
    check("mean", column="n", max=1, where="m > 0"), check("sum", column="m", max=3), check("mean", column="x", max=1), check("row_count", max=4, where="n > 1"),
    check("row_count_match", to=PERSON), check("column_exists", column=["n", "gone"]), check("type", column="n", type="int"), check("functional_dependency", columns=["n"], determines=["word"]),
    check("monotonic", column="id"), check("regex", column=TEXT, regex="(?i)A", threshold=1), check("not_null", column="gone"),
]  # fmt: skip
DOCUMENT = {"version": "1.0", "tables": {ORDER: CHECKS, PERSON: [check("orphan_parents", child=ORDER, on={"person": "id"}), check("cardinality", child=ORDER, on={"person": "id"}, max=1)]}}  # fmt: skip

TEXTS = st.sampled_from(["", "a", "A", "ab", "a\n", "é", "it's", "b\\c", "%", "9", "n/a", "ü🙂", "a@b.org"])
ROWS = st.fixed_dictionaries({
    "id": st.integers(1, 9), "n": st.none() | st.integers(-2, 4), "m": st.none() | st.integers(-2, 4),
    "x": st.none() | st.sampled_from([0.1, 0.3, -0.0, 0.0, 1.0, 1e300, float("nan"), float("inf")]), "y": st.none() | st.sampled_from([0.1, 0.2, 1.0, float("nan")]),
    TEXT: st.none() | TEXTS, "word": st.none() | TEXTS, "day": st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 4)),
    "seen": st.none() | st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 4)),  # noqa: DTZ001 - columns without a time zone
    "price": st.none() | st.sampled_from([Decimal("0.10"), Decimal("0.05"), Decimal("-1.00"), Decimal("2.00")]), "is_new": st.none() | st.booleans(), "person": st.none() | st.integers(1, 4),
})  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> dict[str, pa.Table]:
    people = [{"id": place, "word": draw(TEXTS)} for place in range(1, draw(st.integers(2, 4)))]
    return {ORDER: pa.Table.from_pylist(draw(st.lists(ROWS, max_size=12)), SCHEMA), PERSON: pa.Table.from_pylist(people, PEOPLE)}


def bare(result: CheckResult) -> CheckResult:
    return replace(result, samples=())


def agree(data: dict[str, pa.Table], put: Put) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = put(data, Path(folder))
        streamed, pushed = validate(url, DOCUMENT, engine="stream"), validate(url, DOCUMENT, engine="sql")
        assert list(map(bare, pushed.results)) == list(map(bare, streamed.results))
        assert pushed.rows == streamed.rows
        for one, other in zip(pushed.results, streamed.results, strict=True):
            assert len(one.samples) == len(other.samples), one.id
        queries_agree(url, streamed.results)


def queries_agree(url: str, results: tuple[CheckResult, ...]) -> None:
    """The query of every result gives as many rows as fail."""
    shown = [result for result in results if result.status in ("passed", "failed") and (result.query or "").startswith("SELECT * FROM")]
    counts = ", ".join(f"(SELECT COUNT(*) FROM ({result.query}) AS found) AS v{place}" for place, result in enumerate(shown))  # noqa: S608
    wanted = pa.schema([(f"v{place}", pa.int64()) for place, _ in enumerate(shown)])
    with open_tables(url) as opened:
        (row,) = [row for batch in pushdown_scan(opened.tables[ORDER]).run(f"SELECT {counts}", wanted) for row in batch.to_pylist()]
    found = dict(zip((result.id for result in shown), row.values(), strict=True))
    assert found == {result.id: result.failing for result in shown}


def pushdown_scan(scan: Any) -> pushdown.Database:
    from seedbed.run.queryable import queryable

    found: object = queryable(scan)
    assert isinstance(found, pushdown.Database)
    return found


@settings(max_examples=10, phases=QUICK)
@given(data=tables())
def test_duckdb_counts_what_the_stream_counts(data: dict[str, pa.Table]) -> None:
    agree(data, in_duckdb)


@settings(max_examples=10, phases=QUICK)
@given(data=tables())
def test_sqlite_counts_what_the_stream_counts(data: dict[str, pa.Table]) -> None:
    agree(data, in_sqlite)


@pytest.fixture(scope="session")
def into_postgres(postgres: Any) -> Put:
    return in_postgres(postgres)


@pytest.mark.slow
@settings(max_examples=4, phases=QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=tables())
def test_postgresql_counts_what_the_stream_counts(data: dict[str, pa.Table], into_postgres: Put) -> None:
    agree(data, into_postgres)


ODD_ROWS = [{"id": 1, "n": 1, "m": 0, "x": 0.1, TEXT: "a"}, {"id": 1, "n": 3, TEXT: "it's", "word": "b\\c", "price": Decimal("2.00")}]
SMALL = {ORDER: pa.Table.from_pylist(ODD_ROWS, SCHEMA), PERSON: pa.Table.from_pylist([{"id": 1, "word": "a"}], PEOPLE)}

#: What no database says: sums of floats, what goes from row to row or from group to group, a division by what may be zero.
NOWHERE = {"mean", "monotonic", "functional_dependency", "cardinality", "row_expression"}


@pytest.mark.parametrize(("put", "least"), [(in_duckdb, 67), (in_sqlite, 54)], ids=["duckdb", "sqlite"])
def test_most_checks_are_answered_by_the_database(put: Put, least: int, tmp_path: Path) -> None:
    with open_tables(put(SMALL, tmp_path)) as opened:
        scans = {name: pushdown_scan(scan) for name, scan in opened.tables.items()}
        compiled = compile_document(checks_from(DOCUMENT), {name: scan.schema for name, scan in scans.items()})
        pushed = pushdown.push_down(compiled, scans, "sql")  # type: ignore[arg-type]  # a scan of a database is a scan
    assert len(pushed.results) >= least
    assert len(pushed.results) + len(pushed.refused) == len(compiled.checks)
    if put is in_duckdb:
        assert {compiled.checks[place].about.kind for place in pushed.refused} <= NOWHERE


def test_servers_are_asked_and_files_are_read_unless_told(tmp_path: Path, into_postgres: Put) -> None:
    def samples(put: Put, **engine: Any) -> set[bool]:
        report = validate(put(SMALL, tmp_path), DOCUMENT, **engine)
        return {sample.row is None for sample in report.of('or"der.pk_unique').samples}

    assert samples(in_duckdb) == samples(into_postgres, engine="stream") == {False}  # the stream knows the rows' numbers
    assert samples(in_duckdb, engine="sql") == samples(into_postgres) == {True}


def test_postgresql_answers_for_odd_rows(into_postgres: Put) -> None:
    agree(SMALL, into_postgres)


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite", "postgresql"])
def test_a_model_is_judged_by_a_database_as_by_its_rows(scheme: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    model = write_model(tmp_path, customers=30)
    server = scheme == "postgresql"
    url = request.getfixturevalue("postgres").url(schema="judged") if server else f"{scheme}:///{tmp_path / 'data'}"
    seedbed.generate(model, to=url, overwrite=True)
    streamed, pushed = validate(url, model, engine="stream"), validate(url, model, engine="sql")
    assert list(map(bare, pushed.results)) == list(map(bare, streamed.results))
    assert pushed.ok
    assert not pushed.extra  # the notes of the run are no table of the data


def test_the_queries_of_files_run_in_duckdb(tmp_path: Path) -> None:
    for name, table in SMALL.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    results = validate(tmp_path, DOCUMENT).results
    with duckdb.connect() as connection:
        for name in SMALL:
            connection.read_parquet(f"{tmp_path}/{name}.parquet").create_view(name)
        for result in results:
            if result.status in ("passed", "failed") and result.query:
                rows = connection.execute(result.query).fetchall()
                assert not result.query.startswith("SELECT *") or len(rows) == result.failing, result.id


def test_every_failing_row_can_be_asked_for(tmp_path: Path) -> None:
    results = validate(in_duckdb(SMALL, tmp_path), DOCUMENT).results
    silent = {result.kind for result in results if result.failing and not result.query}
    assert silent <= {"monotonic", "column_exists"}


def test_sql_is_refused_where_the_data_are_in_no_database() -> None:
    with pytest.raises(ModelError, match="only data in PostgreSQL"):
        validate(SMALL, DOCUMENT, engine="sql")


def test_sql_looks_at_no_rows_to_set_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="look at rows"):
        validate(in_duckdb(SMALL, tmp_path), DOCUMENT, engine="sql", quarantine=tmp_path / "out")
