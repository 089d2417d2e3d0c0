"""Our `dataclass` is the standard one, made faster."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place."""

    x: int
    y: int = 0
    names: list[str] = dataclasses.field(default_factory=list)
    origin: ClassVar[str] = "here"


@dataclass(frozen=True, slots=True)
class Single:
    """One field."""

    value: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """No field."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plain:
    """The standard library's."""

    x: int
    y: int = 0
    names: list[str] = dataclasses.field(default_factory=list)
    origin: ClassVar[str] = "here"


def test_what_it_makes_is_known_to_the_standard_library() -> None:
    assert [(one.name, one.type, one.default) for one in dataclasses.fields(Point)] == [
        (one.name, one.type, one.default) for one in dataclasses.fields(Plain)
    ]
    assert dataclasses.replace(Point(1), y=2) == Point(1, 2)
    assert dataclasses.asdict(Point(1, 2, ["a"])) == {"x": 1, "y": 2, "names": ["a"]}
    assert Point.__match_args__ == Plain.__match_args__
    assert list(inspect.signature(Point).parameters) == list(inspect.signature(Plain).parameters)


def test_records_say_what_they_hold() -> None:
    assert repr(Point(1)) == repr(Plain(1)).replace("Plain", "Point")
    assert repr(Single(())) == "Single(value=())"


def test_records_are_equal_where_all_fields_are() -> None:
    assert Point(1) == Point(1, 0, [])
    assert Point(1) != Point(1, 0, ["a"])
    assert Point(1).__eq__(Plain(1)) is NotImplemented
    assert Empty() == Empty()
    assert hash(Single((1,))) == hash(((1,),))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


def test_records_do_not_change() -> None:
    point: Any = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: setattr(point, "other", 2), lambda: point.__delattr__("x")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert not hasattr(point, "__dict__")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301
def test_records_survive_copies_and_pickles(copied: Callable[[object], object]) -> None:
    for value in (Point(1, 2, ["a"]), Single((1,)), Empty()):
        assert copied(value) == value


def test_each_record_gets_a_list_of_its_own() -> None:
    assert Point(1).names is not Point(1).names


@pytest.mark.parametrize("arguments", [(), (1, 2, [], 4)])
def test_wrong_arguments_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="__init__"):
        Point(*arguments)


def test_a_record_may_inherit_from_another() -> None:
    @dataclass(frozen=True, slots=True)
    class Solid(Point):
        z: int = 3

    assert repr(Solid(1)).endswith("Solid(x=1, y=0, names=[], z=3)")
    assert Solid(1) == Solid(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Solid(1).z = 2  # type: ignore[misc]  # that is the point


def test_unusual_classes_are_left_to_the_standard_library() -> None:
    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        x: int

    @dataclass(frozen=True, slots=True)
    class Checked:
        x: int
        note: str = dataclasses.field(default="", compare=False)

        def __post_init__(self) -> None:
            if self.x < 0:
                raise ValueError("negative")

    assert Ordered(1) < Ordered(2)
    assert Checked(1, "a") == Checked(1, "b")
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)


def test_identity_may_stand_for_equality() -> None:
    @dataclass(frozen=True, slots=True, eq=False)
    class Thing:
        x: int

    thing = Thing(1)
    assert thing == thing  # noqa: PLR0124 - equality is what is tested
    assert thing != Thing(1)
    assert {thing}
