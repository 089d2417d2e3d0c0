"""A dry run foresees the run: its sizes, its files, for every format, without writing anything."""

from __future__ import annotations

from pathlib import Path

import pytest

import seedbed
from seedbed.run.rehearsal import Forecast, rehearsed, sinks_of
from seedbed.write.targets import SinkOptions

EVENTS, BANK, SHOP = "examples/users_events.json", "examples/bank.json", "examples/shop.yaml"


def forecast(data: seedbed.Dataset, options: SinkOptions) -> Forecast:
    (found,) = rehearsed(data, sinks=list(sinks_of(options))).forecasts
    assert found.refused is None
    return found


@pytest.mark.parametrize(
    ("document", "scale", "options"),
    [
        (EVENTS, 40, SinkOptions(format="parquet")),
        (EVENTS, 15, SinkOptions(format="csv", compression="gzip")),
        (EVENTS, 10, SinkOptions(format="avro")),
        (EVENTS, 35, SinkOptions(partition_by={"user": ("country",)})),
        (EVENTS, 5, SinkOptions(format="excel")),
        (BANK, 1, SinkOptions(format="csv")),
        (BANK, 3, SinkOptions(format="orc")),
        (BANK, 3, SinkOptions(compression="zstd")),
        (BANK, 1, SinkOptions(format="sql")),
        (SHOP, 0.5, SinkOptions(format="jsonl")),
        (SHOP, 1, SinkOptions(format="parquet")),
        (SHOP, 0.5, SinkOptions(format="arrow")),
    ],
    ids=lambda value: (
        "-".join(map(str, (value.format, value.compression, *value.partition_by))) if isinstance(value, SinkOptions) else None
    ),
)
def test_a_dry_run_foresees_sizes_within_a_fifth(document: str, scale: float, options: SinkOptions, tmp_path: Path) -> None:
    data = seedbed.plan(document, seed=5, scale=scale)
    found = forecast(data, options)
    more = {"format": "parquet"} | {name: getattr(options, name) for name in options.given}
    made = seedbed.generate(data, tmp_path / "out", **more)
    for table in made.tables:
        size = sum(file.size_bytes for file in table.files)
        assert abs(found.size_bytes[table.name] - size) <= 0.2 * size, table.name
        if not options.partition_by:
            assert len([file for file in table.files if "part-" in file.path or len(table.files) == 1]) == found.files[table.name]
    assert abs(found.total_bytes - made.size_bytes) <= 0.2 * made.size_bytes


def test_what_is_made_whole_is_foreseen_to_the_byte(tmp_path: Path) -> None:
    data = seedbed.plan(BANK, seed=5)
    found = forecast(data, SinkOptions(format="parquet"))
    made = seedbed.generate(data, tmp_path / "out")
    assert found.is_exact
    assert found.total_bytes == made.size_bytes
    assert found.total_files == sum(len(table.files) for table in made.tables)


def test_formats_that_cannot_hold_a_table_say_so() -> None:
    found = {each.format: each for each in rehearsed(seedbed.plan(SHOP, scale=0.01), sinks=list(sinks_of(SinkOptions()))).forecasts}
    assert found["parquet"].refused is None
    assert "time" in (found["orc"].refused or "")


def test_a_slice_is_foreseen_as_a_slice() -> None:
    data = seedbed.plan(EVENTS, rows={"user": 200_000})
    span = {"event": (1_000_000, 1_001_000)}
    (found,) = rehearsed(data, slices=span, sinks=list(sinks_of(SinkOptions(format="csv")))).forecasts
    assert list(found.size_bytes) == ["event"]
    assert found.is_exact
