"""Whatever JSON says, in whatever files: both parsers find the same, sketches merge in any order, and documents come back."""

import io
import json
import pickle

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.read.collect.shapes import Options, Source
from seedbed.read.collect.shred import shred
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.read.collect.split import gather, stream
from seedbed.read.collect.texts import texts_of
from tests.read.collect.judging import check, robustly, said, same

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

KEYS = st.sampled_from(["a", "b", "c", "A", "id", "null", "2024-01-01", "1", "2", "/p", "en", "de", "fr", ""]) | st.text(max_size=3)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.sampled_from(["2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5+01:00", "x", "12:30", "1.50", "true", "null", ""])
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.integers() | FLOATS | TEXTS | st.text(max_size=5)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)
ROWS = st.fixed_dictionaries(
    {"a": st.integers(), "f": FLOATS},
    optional={
        "n": st.none() | st.integers(0, 9),
        "s": st.text(max_size=4) | st.none(),
        "l": st.lists(st.fixed_dictionaries({}, optional={"x": st.none() | st.integers(0, 3)}), max_size=3),
    },
)
NUMBERS = st.sampled_from(
    [
        "1",
        "1.0",
        "1.5",
        "1e5",
        "1e-400",
        "0.0",
        "-0",
        "1e400",
        "123456789012345678901",
        "9007199254740993",
        "9007199254740993.5",
        "0.1234567890123456789",
        "5e-324",
        "1E3",
    ]
)
CALM = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@CALM
@given(st.lists(VALUES, min_size=1, max_size=6))
def test_any_values_come_back_in_any_order(values: list[Json]) -> None:
    check([(str(number), json.dumps(value).encode() + b" " * number) for number, value in enumerate(values)])


@CALM
@given(st.lists(VALUES | st.fixed_dictionaries({"a": TEXTS, "b": SCALARS}), min_size=1, max_size=6))
def test_any_values_come_back_from_tables_parted_by_a_text(values: list[Json]) -> None:
    files = [(str(number), json.dumps(value).encode() + b" " * number) for number, value in enumerate(values)]
    check(files, Options(split=(("", "a"), ("/b/*", "a"), ("/c", "b"))))


@CALM
@given(
    st.lists(st.dictionaries(KEYS, VALUES, max_size=4) | ROWS, min_size=1, max_size=6),
    st.lists(NUMBERS, max_size=4),
    st.sampled_from(["files", "lines", "array", "concatenated", "pretty"]),
)
def test_both_parsers_and_any_cut_of_a_file_give_the_same(objects: list[Json], numbers: list[str], form: str) -> None:
    indent = 1 if form == "pretty" else None
    texts = [json.dumps(one, ensure_ascii=False, indent=indent).encode() for one in objects] + [
        f'{{"f":{one}}}'.encode() for one in numbers
    ]
    if form in {"files", "pretty"}:
        files = [(str(number), text) for number, text in enumerate(texts)]
    else:
        between = {"lines": b"\n", "array": b" ,\n", "concatenated": b""}[form]
        content = between.join(texts)
        files = [("x", b"[" + content + b"]" if form == "array" else content)]
    records = gather(files)
    made = shred(records)
    assert not made.refused
    same(made, robustly(records))
    same(shred(records, made.hint), made)
    assert pickle.loads(pickle.dumps(made)).sketch.to_bytes() == made.sketch.to_bytes()  # noqa: S301 - its own
    assert [said(text or "") for text in texts_of(made.physical.root)] == [said(text) for text in texts]
    if len(files) == 1:
        for size in (7, 64):
            parts = [shred(block) for block in stream(Source.of(*files[0]), io.BytesIO(files[0][1]), block_bytes=size)]
            assert [number for part in parts for number in part.physical.ids.tolist()] == made.physical.ids.tolist()
            assert merge(part.sketch for part in parts).to_bytes() == made.sketch.to_bytes()


@CALM
@given(st.lists(st.lists(VALUES, max_size=4), min_size=2, max_size=5), st.randoms())
def test_sketches_merge_in_any_order_and_any_cut(groups: list[list[Json]], order: object) -> None:
    blocks = [
        gather([(f"{i} {j}", json.dumps(one).encode() + b" " * (9 * i + j)) for j, one in enumerate(group)])
        for i, group in enumerate(groups)
    ]
    sketches = [Sketch.from_bytes(shred(block).sketch.to_bytes()) for block in blocks]
    wanted = merge(sketches).to_bytes()
    order.shuffle(sketches)  # type: ignore[attr-defined]
    assert merge(sketches).to_bytes() == wanted
    assert merge([merge(sketches[:2]), merge(sketches[2:])]).to_bytes() == wanted


def test_many_keys_merge_to_one_sketch_in_any_cut() -> None:
    objects = [{f"k{i}": i for i in range(start, start + 200)} for start in range(0, 3_000, 100)]
    files = [(str(number), json.dumps({"m": one}).encode()) for number, one in enumerate(objects)]
    one = shred(gather(files)).sketch
    many = merge(shred(gather([file])).sketch for file in reversed(files))
    assert many.to_bytes() == one.to_bytes()
    check(files)
