"""`dataclass`, as in the standard library, for less of the start-up of every run.

The standard library writes and compiles six methods for each frozen class with slots: 0.28 ms, and a run has more than a hundred. Here only
`__init__` is written; the others are the same for all such classes. Instances behave the same, and `fields`, `replace` and `asdict` know them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - to a type checker it is the standard one
else:
    import dataclasses
    from collections.abc import Callable
    from operator import attrgetter
    from reprlib import recursive_repr
    from typing import Any, TypeVar

    T = TypeVar("T", bound=type)

    #: What a class may write itself; then the standard library sorts it out.
    _OWN = frozenset(
        {"__init__", "__post_init__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__getstate__", "__setstate__", "__slots__"}
    )

    _STANDARD = (True, True, None, True, False)
    _SET = object.__setattr__

    def dataclass(cls: T | None = None, /, **options: bool) -> T | Callable[[T], T]:
        """What `dataclasses.dataclass` makes of a class; frozen classes with slots, the usual ones here, in a third of its time.

        >>> @dataclass(frozen=True, slots=True)
        ... class Point:
        ...     x: int
        ...     y: int = 0
        >>> Point(1), Point(1) == Point(1, 0), hash(Point(1)) == hash((1, 0)), dataclasses.replace(Point(1), y=2)
        (Point(x=1, y=0), True, True, Point(x=1, y=2))
        """

        def made(cls: T) -> T:
            return _record(cls, eq=options.get("eq", True)) if _is_usual(cls, options) else dataclasses.dataclass(**options)(cls)

        return made if cls is None else made(cls)

    def _is_usual(cls: type, options: dict[str, bool]) -> bool:
        """Whether a class is frozen with slots, has fields of the plain sort only, and neither writes nor inherits what is made for it."""
        wanted = {name for name, value in options.items() if value} | {"eq"}
        own = vars(cls)
        return (
            wanted == {"frozen", "slots", "eq"}
            and options.keys() <= {"frozen", "slots", "eq"}
            and not _OWN & own.keys()
            and not hasattr(cls, "__dataclass_fields__")
            and all((one.init, one.repr, one.hash, one.compare, one.kw_only is True) == _STANDARD for one in own.values() if _is_field(one))
            and not any("InitVar" in str(kind) or "KW_ONLY" in str(kind) for kind in getattr(cls, "__annotations__", {}).values())
        )

    def _is_field(value: object) -> bool:
        return isinstance(value, dataclasses.Field)

    def _record(cls: T, *, eq: bool) -> T:
        """The class with slots and the methods of a frozen one."""
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
        fields = dataclasses.fields(made)
        made.__init__ = _init(made, fields)
        made.__getstate__, made.__setstate__ = _getstate, _setstate
        made.__setattr__, made.__delattr__ = _setattr, _delattr
        if "__repr__" not in vars(cls):
            made.__repr__ = _repr
        if eq:
            made.__eq__, made.__hash__ = _comparing(tuple(field.name for field in fields))
        params = made.__dataclass_params__
        params.init = params.repr = params.frozen = True
        params.eq = eq
        return made

    def _init(cls: type, fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
        """The one method that is written out: calls of it are many, and their arguments have names."""
        known: dict[str, Any] = {"_set": _SET, "_missing": dataclasses.MISSING, "__name__": cls.__module__}
        arguments, lines = ["self"], ["pass"]
        for field in fields:
            name = value = field.name
            if field.default is not dataclasses.MISSING:
                known[f"_default_{name}"] = field.default
                arguments.append(f"{name}=_default_{name}")
            elif field.default_factory is not dataclasses.MISSING:
                known[f"_new_{name}"] = field.default_factory
                arguments.append(f"{name}=_missing")
                value = f"_new_{name}() if {name} is _missing else {name}"
            else:
                arguments.append(name)
            lines.append(f"_set(self, {name!r}, {value})")
        exec(f"def __init__({', '.join(arguments)}):\n " + "\n ".join(lines), known)  # noqa: S102 - names of fields, as in the standard library
        init: Callable[..., None] = known["__init__"]
        init.__qualname__ = f"{cls.__qualname__}.__init__"
        init.__annotations__ = {field.name: field.type for field in fields} | {"return": None}
        return init

    def _comparing(names: tuple[str, ...]) -> tuple[Callable[[Any, object], bool], Callable[[Any], int]]:
        """Equality and hash, those of the tuple of all fields."""
        values = attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)

        def __eq__(self: Any, other: object) -> bool:  # noqa: N807
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def __hash__(self: Any) -> int:  # noqa: N807
            return hash(values(self))

        return __eq__, __hash__

    @recursive_repr()
    def _repr(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{one.name}={getattr(self, one.name)!r}' for one in dataclasses.fields(self))})"

    def _setattr(self: Any, name: str, value: object) -> None:
        del self, value
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _delattr(self: Any, name: str) -> None:
        del self
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def _getstate(self: Any) -> list[Any]:
        return [getattr(self, one.name) for one in dataclasses.fields(self)]

    def _setstate(self: Any, state: list[Any]) -> None:
        for one, value in zip(dataclasses.fields(self), state, strict=True):
            _SET(self, one.name, value)
