"""Plug-ins: a package of its own is installed, and models use what it adds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import Field

from seedbed import plugins
from seedbed.core.errors import ModelError, PluginError
from seedbed.core.plugins import Draw, Known, Plugin, draw_of
from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from seedbed.testing import check_generator, check_modifier

PACKAGE = Path(__file__).parents[1] / "plugin_package"

MODEL = """
version: "2.0"
metadata: {name: games}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
entities:
  throw:
    rows: 500
    pk: throw_id
    columns:
      throw_id: {sequence: {}}
      points: {plugin: {name: dice, args: {sides: 6, count: 3}}}
      suit: {plugin: {name: card}}
      coins:
        distribution: {type: normal, params: {mean: 50, std: 20}}
        type: float
        modifiers: [{transform: plugin, name: round_to, args: {step: 5}}]
      twice: {expression: {code: "points * 2"}}
      hand: {list: {length: 3, items: {plugin: {name: card, args: {deck: german}}}}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the package is installed to, as `pip install` does."""
    work = tmp_path_factory.mktemp("plugin")
    target = work / "site"
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--target", str(target)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, str(PACKAGE)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return target


def seedbed(site: Path | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where the package is installed, or is not."""
    environment = {**os.environ, "PYTHONPATH": str(site or ""), "COLUMNS": "200"}
    command = [sys.executable, "-m", "seedbed", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "games.yaml"
    path.write_text(MODEL)
    return path


def test_a_model_uses_what_a_package_adds(site: Path, model: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    out = tmp_path / "out"
    done = seedbed(site, "generate", str(model), "-o", str(out), "--executor", "processes", "--workers", "2")
    assert done.returncode == 0, done.stderr
    table = pq.read_table(out / "throw").to_pydict() if (out / "throw").is_dir() else pq.read_table(out / "throw.parquet").to_pydict()
    assert set(table["points"]) == set(range(3, 19))
    assert [2 * points for points in table["points"]] == table["twice"]
    assert set(table["suit"]) == {"clubs", "diamonds", "hearts", "spades"}
    assert {suit for hand in table["hand"] for suit in hand} == {"acorns", "leaves", "hearts", "bells"}
    assert all(coins % 5 == 0 for coins in table["coins"])
    manifest = json.loads((out / ".metadata.json").read_text())
    assert manifest["plugins"] == {
        "generator card": "seedbed-tabletop 1.2.0",
        "generator dice": "seedbed-tabletop 1.2.0",
        "modifier round_to": "seedbed-tabletop 1.2.0",
    }


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "fix"),
    [
        ("name: dice", "name: dise", "points.plugin.name", "there is no generator `dise` among the plug-ins", "did you mean `dice`?"),
        ("sides: 6", "side: 6", "points.plugin.args.side", "unknown key `side`", "did you mean `sides`?"),
        ("sides: 6", "sides: 1", "points.plugin.args.sides", "must be at least 2; found 1", ""),
        ("deck: german", "deck: germany", "hand.list.items.plugin.args.deck", 'the text "germany" is not one of', "did you mean `german`?"),
        (", args: {sides: 6, count: 3}", "", "points.plugin", "`dice` needs arguments", "add `args: {sides: ..}`"),
        (
            "type: float",
            "type: date",
            "coins.modifiers.round_to.transform",
            "`round_to` acts on int, float, decimal; the column is date",
            "",
        ),
        ("{name: card}}", "{name: card}, type: int}", "suit.type", "`plugin` makes string", "write `type: string`"),
    ],
)
def test_arguments_are_refused_as_those_of_built_in_kinds(
    site: Path, model: Path, old: str, new: str, place: str, message: str, fix: str
) -> None:
    model.write_text(MODEL.replace(old, new))
    done = seedbed(site, "lint", str(model))
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if f"entities.throw.columns.{place}:" in line]
    assert len(told) == 1
    assert message in told[0]
    assert fix in done.stderr


def test_without_the_package_a_model_that_needs_it_is_refused(model: Path) -> None:
    done = seedbed(None, "lint", str(model))
    assert done.returncode == 2
    assert "there is no generator `dice` among the plug-ins" in done.stderr
    assert "install the package that brings it" in done.stderr


def test_the_command_line_lists_plug_ins_with_their_parameters(site: Path) -> None:
    assert "seedbed-tabletop 1.2.0" in seedbed(site, "generators").stdout
    shown = seedbed(site, "generators", "dice").stdout
    assert "The sum of some dice." in shown
    assert "The sides of each." in shown


def test_the_schema_of_models_contains_the_parameters_of_plug_ins(site: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")

    schema = json.loads(seedbed(site, "schema").stdout)
    document = {
        "version": "2.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "entities": {"t": {"columns": {"c": {"plugin": {"name": "dice", "args": {"sides": 6}}}}}},
    }
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(document)
    for wrong in ({"name": "dice", "args": {"side": 6}}, {"name": "dice"}, {"name": "dise"}, {"name": "dice", "args": {"sides": 1}}):
        document["entities"] = {"t": {"columns": {"c": {"plugin": wrong}}}}
        assert not validator.is_valid(document)


def test_a_package_that_cannot_be_loaded_is_named_and_left_out_of_lists(model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    info = broken / "seedbed_broken-0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: seedbed-broken\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[seedbed.generators]\nwrecked = seedbed_broken:Wrecked\n")
    (broken / "seedbed_broken.py").write_text("raise RuntimeError('no tide table')\n")
    listed = seedbed(broken, "generators")
    assert listed.returncode == 0
    assert "no tide table" in listed.stderr
    model.write_text(MODEL.replace("name: dice, args: {sides: 6, count: 3}", "name: wrecked"))
    done = seedbed(broken, "plan", str(model))
    assert done.returncode == 2
    assert "the generator `wrecked` of seedbed-broken 0.1 cannot be loaded: RuntimeError: no tide table" in done.stderr
    assert seedbed(broken, "generate", "examples/bank.json", "--dry-run").returncode == 0  # nobody asked for it


# ------------------------------------------------------------------------------- what they must not do


class Tide:
    """How high the water stands."""

    class Params(plugins.Params):
        gives: str = "float"
        height: Annotated[float, Field(gt=0)] = 3.0

    def type(self, params: Params) -> str:
        return params.gives

    def values(self, draw: Draw, params: Params) -> Any:
        return draw.unit() * params.height


class Upper:
    """Texts in capitals."""

    class Params(plugins.Params):
        pass

    def types(self, params: Params) -> tuple[str, ...]:
        del params
        return ("string",)

    def values(self, draw: Draw, params: Params, values: pa.Array) -> pa.Array:
        import pyarrow.compute as pc

        del draw, params
        return pc.utf8_upper(values)


def column(maker: type[Any], text: str = "{plugin: {name: it}}", version: str = "1.0", seed: int = 1) -> Engine:
    plugin = Plugin("generator", "it", "harbour", version, maker)
    document = MODEL[: MODEL.index("      points:")] + f"      it: {text}\n"
    model = parse(document, "m.yaml", plugins=Known((plugin,)))
    return Engine(prepare(compile_plan(model, seed=seed)))


def giving(what: Any) -> type[Any]:
    """A plug-in that gives something else than it should."""

    class Wrong(Tide):
        def values(self, draw: Draw, params: Tide.Params) -> Any:
            del params
            return what(draw) if callable(what) else what

    return Wrong


def test_plug_ins_of_this_file_keep_the_contract() -> None:
    assert pa.types.is_float64(check_generator(Tide, {"height": 2.0}).type)
    assert set(check_modifier(Upper)["string"].to_pylist()) == {"ADA", "GRACE", "ŁUKASZ", ""}


class Counting(Tide):
    """Values that depend on what was asked before."""

    asked = 0

    def values(self, draw: Draw, params: Tide.Params) -> Any:
        type(self).asked += len(draw)
        return draw.unit() * params.height + self.asked


def test_state_between_blocks_breaks_the_contract() -> None:
    with pytest.raises(AssertionError, match="when they are made by themselves"):
        check_generator(Counting)


def test_a_generator_that_draws_nothing_must_say_so() -> None:
    fixed = giving(lambda draw: draw.rows * 1.0)
    with pytest.raises(AssertionError, match="another seed gives the same values"):
        check_generator(fixed)
    assert check_generator(fixed, is_random=False).to_pylist()[:3] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ([1.0, 2.0], "gave no array, but list"),
        (np.zeros(3), r"gave values of the shape \(3,\) for 10 rows"),
        (np.array(["x"] * 10), "gave values of type <U1; numbers were wanted"),
        (np.full(10, np.inf), "gave a number that is not finite for row 0"),
        (pa.array([1.0, None] * 5), "gave no value for row 1 of throw.it, which is not nullable"),
        (lambda draw: draw.unit(70_000), "failed: ValueError: a slot lies between 0 and 65,535"),
        (lambda _: 1 // 0, "failed: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_taken_is_the_plug_ins_error(what: Any, message: str) -> None:
    with pytest.raises(PluginError, match=message) as caught:
        column(giving(what)).block("throw", 0, 10)
    assert "the generator `it` of harbour 1.0" in str(caught.value)
    assert caught.value.problems[0].where == "throw[0:10].it"
    assert caught.value.exit_code == 2


def test_nulls_are_taken_where_the_column_takes_them() -> None:
    engine = column(giving(pa.array([1.5, None] * 5)), "{plugin: {name: it}, nullable: true, null_rate: 0}")
    assert engine.block("throw", 0, 10)["it"].to_pylist() == [1.5, None] * 5


@pytest.mark.parametrize(
    ("gives", "values", "expected"),
    [
        ("int", np.arange(10, dtype=np.uint8), 3),
        ("bool", np.arange(10) == 3, True),
        ("string", pa.array(list("abcdefghij")), "d"),
        ("date", np.arange(10).astype("datetime64[D]"), "1970-01-04"),
        ("datetime", np.arange(10).astype("datetime64[s]"), "1970-01-01 00:00:03"),
    ],
)
def test_every_type_is_taken_as_numpy_or_arrow_has_it(gives: str, values: Any, expected: object) -> None:
    text = f"{{plugin: {{name: it, args: {{gives: {gives}}}}}}}"
    found = column(giving(values), text).block("throw", 0, 10)["it"][3].as_py()
    assert (str(found) if gives in ("date", "datetime") else found) == expected


def test_a_class_without_the_shape_is_no_plug_in() -> None:
    with pytest.raises(PluginError, match="has no class `Params`"):
        column(type("Empty", (), {}))
    with pytest.raises(PluginError, match="has no method `values`"):
        column(type("Half", (), {"Params": Tide.Params, "type": Tide.type}))
    with pytest.raises(PluginError, match="says `complex`"):
        column(Tide, "{plugin: {name: it, args: {gives: complex}}}")


def test_name_version_and_arguments_are_part_of_the_plans_name() -> None:
    first = column(Tide).plan.fingerprint
    assert column(Tide).plan.fingerprint == first
    assert column(Tide, version="1.1").plan.fingerprint != first
    assert column(Tide, "{plugin: {name: it, args: {height: 2.0}}}").plan.fingerprint != first
    assert column(Tide, "{plugin: {name: it, args: {height: 3.0}}}").plan.fingerprint == first  # as where it is left out


def test_a_model_that_nobody_looked_for_plug_ins_of_is_refused() -> None:
    with pytest.raises(ModelError, match="there is no generator `it` among the plug-ins"):
        parse(MODEL[: MODEL.index("      points:")] + "      it: {plugin: {name: it}}\n", "m.yaml")


def test_draws_can_be_tried_by_hand() -> None:
    draw = draw_of(7, range(1000))
    assert abs(float(np.mean(draw.normal()))) < 0.1
    assert set(draw.below(3, 5).tolist()) == {0, 1, 2}
