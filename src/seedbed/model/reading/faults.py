"""What pydantic found, sorted: at the document's own paths, without the noise of unions, one group a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from seedbed.core.records import dataclass
from seedbed.model.places import Path

#: The value is of another kind altogether, so this alternative of a union was not meant.
SHAPES = {
    "bool_type",
    "int_type",
    "float_type",
    "string_type",
    "tuple_type",
    "list_type",
    "dict_type",
    "model_type",
    "model_attributes_type",
    "literal_error",
}


#: Nobody reads more findings than these.
MOST_FAULTS = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding of pydantic: its type and numbers, the path as the document has it, the alternatives it lies in."""

    type: str
    path: Path
    value: object
    said: str
    context: Mapping[str, Any]
    at_key: bool
    unions: tuple[tuple[Path, str], ...]


def faults(error: ValidationError, data: object) -> list[Fault]:
    """All findings, less those about alternatives that weren't meant and those that only follow from others."""
    details = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
    found = [fault for detail in details if not _follows(fault := _fault(detail, data))]
    inside: dict[Path, list[Fault]] = {}
    for fault in found:
        for union, _ in fault.unions:
            inside.setdefault(union, []).append(fault)
    meant = {union: _meant(those, union) for union, those in inside.items()}
    return [fault for fault in found if all(label in meant[union] for union, label in fault.unions)]


def grouped(found: list[Fault]) -> Iterator[list[Fault]]:
    """Findings about one value of the document, together."""
    groups: dict[tuple[Path, bool], list[Fault]] = {}
    for fault in found:
        groups.setdefault((fault.path, fault.at_key), []).append(fault)
    return iter(groups.values())


def _fault(detail: Any, data: object) -> Fault:
    path: list[str | int] = []
    unions: list[tuple[Path, str]] = []
    value, at_key, kind = data, False, detail["type"]
    for index, step in enumerate(detail["loc"]):
        if step == "[key]":
            at_key = True
        elif _has(value, step):
            path.append(step)
            value = value[step]  # type: ignore[index]  # `_has` found the step in it
        elif kind == "missing" and index == len(detail["loc"]) - 1:
            path.append(step)
        elif isinstance(step, str):
            unions.append((tuple(path), step))
    return Fault(kind, tuple(path), value, detail["msg"], detail.get("ctx", {}), at_key, tuple(unions))


def _has(value: object, step: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, Mapping) and step in value


def _follows(fault: Fault) -> bool:
    """A list that only lacks items because each of them was refused for itself."""
    if fault.type != "too_short" or not isinstance(fault.value, list | Mapping):
        return False
    return len(fault.value) >= int(fault.context["min_length"])


def _meant(found: list[Fault], union: Path) -> set[str]:
    """The alternatives whose kind of value is there; all of them where none is."""
    labels = {label for fault in found for path, label in fault.unions if path == union}
    strange = {fault.unions[-1][1] for fault in found if fault.path == union and fault.type in SHAPES and _ends_in(fault, union)}
    fitting = labels - strange
    return fitting or labels


def _ends_in(fault: Fault, union: Path) -> bool:
    return any(path == union for path, _ in fault.unions[-1:])
