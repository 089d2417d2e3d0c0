"""Pools of Faker's methods that have neither frozen tables nor a pattern."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.core.errors import ModelError, PluginError
from seedbed.generate.pool_key import POOL_SIZE, PoolKey, pool_hash
from seedbed.run.pools import NOW, build_pool, default_cache_dir, faker_methods, load_pool

pytest.importorskip("faker")


def test_a_pool_has_its_documented_size_and_type() -> None:
    for method, kind in {
        "color_name": pa.string(),
        "date_of_birth": pa.date32(),
        "date_time_this_year": pa.timestamp("us"),
        "latitude": pa.float64(),
        "pyfloat": pa.float64(),
        "random_digit_or_empty": pa.string(),
        "time": pa.string(),
        "year": pa.string(),
        "isbn13": pa.string(),
    }.items():
        values = build_pool(PoolKey.of(method))
        assert len(values) == POOL_SIZE, method
        assert values.type == kind, method
        assert values.null_count == 0


def test_integers_and_truths_keep_their_type() -> None:
    assert build_pool(PoolKey.of("random_element", {"elements": [1, 2]})).type == pa.int64()
    assert build_pool(PoolKey.of("random_element", {"elements": [True, False]})).type == pa.bool_()
    assert build_pool(PoolKey.of("random_element", {"elements": [1, 0.5]})).type == pa.float64()
    assert build_pool(PoolKey.of("random_element", {"elements": [2**70, 1]})).type == pa.string()
    mixed = build_pool(PoolKey.of("random_element", {"elements": [None, "a"]}))
    assert 0 < mixed.null_count < POOL_SIZE
    assert set(mixed.to_pylist()) == {None, "a"}


def test_arguments_and_locales_are_heard() -> None:
    assert {len(text) <= 30 for text in build_pool(PoolKey.of("text", {"max_nb_chars": 30})).to_pylist()} == {True}
    assert build_pool(PoolKey.of("color_name", locale="de_DE")) != build_pool(PoolKey.of("color_name"))
    assert build_pool(PoolKey.of("color_name", locale="de-DE")) == build_pool(PoolKey.of("color_name", locale="de_DE"))


def test_the_same_key_gives_the_same_pool_in_any_process(tmp_path: Path) -> None:
    methods = ["ssn", "color", "date_of_birth", "passport_gender", "sentence", "date_time_this_month"]
    code = f"from seedbed.run.pools import *\nprint([pool_hash(build_pool(PoolKey.of(method, locale='sv_SE'))) for method in {methods}])"
    outputs = set()
    for hash_seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone, "HOME": str(tmp_path)}
        outputs.add(subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True, timeout=60).stdout)
    assert outputs == {f"{[pool_hash(build_pool(PoolKey.of(method, locale='sv_SE'))) for method in methods]}\n"}


def test_dates_count_from_a_fixed_day() -> None:
    year = build_pool(PoolKey.of("date_this_year")).to_pylist()
    assert min(year) >= dt.date(NOW.year, 1, 1)
    assert max(year) <= NOW.date()
    assert dt.datetime.now(dt.UTC).year >= NOW.year  # the clock is back in its place
    assert vars(sys.modules["faker.providers.date_time"])["datetime"] is dt.datetime


def test_building_a_pool_leaves_other_draws_alone() -> None:
    before = random.getstate()
    build_pool(PoolKey.of("passport_gender"))
    assert random.getstate() == before


# ------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("method", "arguments", "locale", "message"),
    [
        ("colour_name", {}, None, "did you mean `color_name`"),
        ("phone_numbr", {}, None, "did you mean `phone_number`"),
        ("uuid44", {}, None, "did you mean `uuid4`"),
        ("zzzzzz", {}, None, "names them all"),
        ("add_provider", {}, None, "no method"),
        ("seed_instance", {}, None, "no method"),
        ("color_name", {}, "de_DF", "did you mean `de_DE`"),
        ("color_name", {}, "qq_QQ", "such as `en_US`"),
        ("text", {"max_chars": 3}, None, "did you mean `max_nb_chars`"),
        ("color_name", {"x": 1}, None, "it takes none"),
        ("text", {"max_nb_chars": 10**9}, None, "give at most"),
        ("text", {"max_nb_chars": 30_000}, None, "ask for at most 10000"),
        ("profile", {}, None, "gives dict"),
        ("words", {}, None, "gives list"),
        ("binary", {"length": 3}, None, "gives bytes"),
        ("date_between", {"start_date": "soon"}, None, "fails: Can't parse"),
        ("enum", {}, None, "missing a required argument"),
        ("pyobject", {}, None, "gives nothing"),
    ],
)
def test_what_cannot_be_a_pool_is_refused_with_a_remedy(
    method: str, arguments: dict[str, object], locale: str | None, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        build_pool(PoolKey.of(method, arguments, locale))


def test_arguments_must_be_plain() -> None:
    with pytest.raises(ModelError, match="argument `x` is dict"):
        PoolKey.of("text", {"x": {}})


def test_without_faker_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    monkeypatch.setattr("seedbed.run.pools.metadata.version", _not_found)
    with pytest.raises(PluginError, match=r"pip install 'seedbed\[faker\]'"):
        load_pool(PoolKey.of("never_asked_before"))
    with pytest.raises(PluginError, match="needs Faker"):
        build_pool(PoolKey.of("color_name", locale="fr_FR"))


def _not_found(name: str) -> str:
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError(name)


def test_the_names_of_all_methods_are_known() -> None:
    names = faker_methods()
    assert names == sorted(set(names))
    assert {"name", "uuid4", "color_name", "company_email", "iban"} <= set(names)


# ------------------------------------------------------------------------------------------------ the disk


def test_a_pool_is_kept_and_read_back(tmp_path: Path) -> None:
    key = PoolKey.of("color_name")
    made = load_pool(key, tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns
    assert load_pool(key, tmp_path) == made == build_pool(key)
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["cut", "empty", "changed"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    key = PoolKey.of("color_name")
    made = load_pool(key, tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes({"cut": whole[:100], "empty": b"", "changed": whole.replace(b"Azure", b"Azurf")}[damage])
    assert load_pool(key, tmp_path) == made
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(load_pool(PoolKey.of("color_name"), blocked / "pools")) == POOL_SIZE


def test_pools_are_kept_in_the_user_s_cache_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "seedbed" / "pools"
    load_pool(PoolKey.of("currency_code"))
    assert len(list(default_cache_dir().glob("*.arrow"))) == 1
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache_dir() == tmp_path / "home" / ".cache" / "seedbed" / "pools"


def test_keys_that_look_alike_stay_apart() -> None:
    keys = [PoolKey.of("pystr", {"prefix": value}) for value in ("1", 1, True, 1.0, None, ["1"])]
    assert len({key.digest for key in keys}) == len(keys)
    assert PoolKey.of("x", {"b": 1, "a": 2}) == PoolKey.of("x", {"a": 2, "b": 1})
