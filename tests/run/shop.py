"""A shop of customers and orders, narrow enough for several parts in a moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.digest import Digester
from seedbed.read.parquet import scan
from seedbed.write.manifest import Manifest, read_manifest
from seedbed.write.notes import RUN


def column(name: str, kind: str, **generator: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "generator": generator}


def document(customers: int = 300_000, orders: float = 4, **changes: Any) -> dict[str, Any]:
    """About `customers * orders` orders: 1.2 million, three parts, unless said otherwise."""
    customer = {
        "id": "customer",
        "kind": "entity",
        "pk": "id",
        "rows": customers,
        "columns": [column("id", "int", sequence={"start": 1}), column("kind", "string", choice={"choices": ["new", "old"]})],
    }
    order = {
        "id": "order",
        "kind": "fact",
        "pk": "id",
        "parents": ["customer"],
        "fanout": {"distribution": "poisson", "lambda": orders},
        "columns": [
            column("id", "int", sequence={"start": 1}),
            column("customer", "int", lookup={"from": "customer.id"}),
            column("amount", "float", distribution={"type": "uniform", "params": {"low": 1, "high": 9}}) | {"nullable": True},
        ],
    }
    status = {"id": "status", "kind": "vocab", "columns": [column("name", "string", enum_list={"values": ["open", "paid"]})]}
    timeframe = {"start": "2024-01-01", "end": "2024-12-31"}
    return {"version": "1.0", "metadata": {"name": "shop"}, "timeframe": timeframe, "nodes": [customer, order, status], **changes}


def write_model(folder: Path, **changes: Any) -> Path:
    path = folder / "shop.json"
    path.write_text(json.dumps(document(**changes)))
    return path


def manifest(out: Path) -> Manifest:
    found = read_manifest(out / ".metadata.json")
    assert found is not None
    return found


def digests(out: Path) -> dict[str, str]:
    """What the manifest says of the contents."""
    return {table.name: table.digest for table in manifest(out).tables}


def contents(out: Path, table: str, start: int = 0) -> str:
    """The digest of what the files hold."""
    found = scan(out / table)
    digester = Digester(found.schema, start)
    for _, batch in found.batches():
        digester.add(batch)
    return digester.hexdigest()


def names(out: Path) -> list[str]:
    """Every file in the folder but the one that tells what the run took, which differs from run to run."""
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() and path.name != RUN)


def rows_of(batch: pa.RecordBatch | pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = batch.to_pylist()
    return found
