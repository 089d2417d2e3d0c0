"""Scripts run by the databases they are for: what was written is in the tables then."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from urllib.parse import urlsplit

import pyarrow as pa

from seedbed.core.sinks import ForeignKey, TableShape
from seedbed.read.sources import open_tables
from seedbed.write.formats.format import open_format
from seedbed.write.formats.sql_dialects import DIALECTS, references_script, table_script
from seedbed.write.targets import SinkOptions
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.write.formats.cases import CASES, COLUMNS, Case, Outgoing, shape_of, table_of
from tests.write.formats.test_contract import as_written, digest


def case_of(dialect: str) -> Case:
    return next(case for case in CASES if case.options.dialect == dialect)


def held(case: Case) -> list[str]:
    return [name for name in COLUMNS if name not in case.refuses | case.refuses_rows]


def shape_named(name: str) -> TableShape:
    return replace(shape_of(table_of(name)), name=f"t_{name}", description="what is it's \\ said")


def script_of(dialect: str, names: list[str]) -> str:
    parts = []
    for name in names:
        table, out = table_of(name), Outgoing()
        shape = shape_named(name)
        case_of(dialect).format.encode(shape, table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)], out)  # type: ignore[arg-type]
        parts += [table_script(shape, DIALECTS[dialect]), out.content.decode()]
    return "".join(parts)


def assert_there(url: str, names: list[str]) -> None:
    with open_tables(url, tables=[f"t_{name}" for name in names], hints={f"t_{name}": table_of(name).schema for name in names}) as opened:
        for name in names:
            table, scan = table_of(name), opened.tables[f"t_{name}"]
            got = as_written(pa.Table.from_batches([batch for _, batch in scan.batches()], scan.schema).sort_by("row"), table)
            assert got.equals(table) or digest(got) == digest(table), (name, got["value"].to_pylist(), table["value"].to_pylist())


def run(command: list[str], script: str, environment: dict[str, str]) -> None:
    done = subprocess.run(command, input=script.encode(), capture_output=True, check=False, timeout=120, env=os.environ | environment)
    assert done.returncode == 0, done.stderr.decode()[:2000]


def test_postgresql_holds_what_its_scripts_say(postgres: Postgres) -> None:
    names = held(case_of("postgresql"))
    program = shutil.which("psql")
    assert program, "a server has its client beside it"
    begun = "CREATE SCHEMA scripts;\nSET search_path TO scripts;\n"
    run([program, "-X", "-q", "-v", "ON_ERROR_STOP=1", postgres.url()], begun + script_of("postgresql", names), {})
    assert_there(postgres.url(schema="scripts"), names)


def test_mariadb_holds_what_its_scripts_say(mariadb: MariaDB) -> None:
    names = held(case_of("mysql"))
    program = shutil.which("mariadb") or shutil.which("mysql")
    assert program, "a server has its client beside it"
    database = mariadb.url("scripts")
    parts = urlsplit(database)
    command = [program, "--no-defaults", f"--host={parts.hostname}", f"--port={parts.port}", f"--user={parts.username}", "--binary-mode"]
    begun = "CREATE DATABASE scripts; USE scripts;\n"
    run(command, begun + script_of("mysql", names), {"MYSQL_PWD": parts.password or ""})
    assert_there(database, names)


def test_scripts_make_keys_references_and_comments(postgres: Postgres) -> None:
    parent = TableShape("owner", pa.schema([pa.field("id", pa.int64(), nullable=False)]), 1, ("id",), description="Who owns")
    told = pa.field("owner_id", pa.int64(), metadata={"description": "Whose it's"})
    child = TableShape(
        "pet",
        pa.schema([pa.field("id", pa.int64(), nullable=False), told]),
        1,
        ("id",),
        (("owner_id",),),
        (ForeignKey(("owner_id",), "owner", ("id",)),),
    )
    dialect, form = DIALECTS["postgresql"], open_format(SinkOptions(format="sql"))
    script = "CREATE SCHEMA kept;\nSET search_path TO kept;\n" + table_script(child, dialect) + table_script(parent, dialect)
    for shape, batch in ((child, pa.record_batch({"id": [1], "owner_id": [7]})), (parent, pa.record_batch({"id": [7]}))):
        out = Outgoing()
        form.encode(shape, [batch], out)  # type: ignore[arg-type]  # it writes, and no more is promised
        script += out.content.decode()
    program = shutil.which("psql")
    assert program
    command = [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", postgres.url()]
    run(command, script + (references_script(child, dialect) or ""), {})
    asked = "SELECT col_description('kept.pet'::regclass, 2), (SELECT count(*) FROM pg_constraint WHERE conrelid = 'kept.pet'::regclass)"
    done = subprocess.run([*command, "-A", "-t", "-c", asked], capture_output=True, check=True, timeout=60, text=True)
    assert done.stdout.strip().startswith("Whose it's|")
