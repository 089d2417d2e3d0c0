"""Kernel of `uuid`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.block import Column, ColumnType
from seedbed.core.draw import Ints, row_numbers
from seedbed.core.timegrid import DAY
from seedbed.core.uuids import NAMESPACES, named_uuids, random_uuids, timed_uuids
from seedbed.generate.columns import finished
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.generate.written import filtered, written
from seedbed.model.generators.uuid import Uuid
from seedbed.model.references import Reference, find_reference, reference_type
from seedbed.plan.plan import ColumnPlan

_MILLISECOND = 1_000  # microseconds


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """UUIDs of version 4, 5 or 7."""
    uuid = column.spec.generator.uuid
    assert uuid is not None
    if uuid.version == 5:
        return finished(engine, column, _named(engine, column, uuid), None)
    key = engine.key(column.table, column.name, "value")
    moments = _moments(engine, column) if uuid.version == 7 else None

    def drawn(frame: Frame) -> Column:
        words, others = frame.bits(key), frame.bits(key, 1)
        return Column(random_uuids(words, others) if moments is None else timed_uuids(moments(frame) // _MILLISECOND, words, others))

    return finished(engine, column, drawn, None)


def _named(engine: Context, column: ColumnPlan, uuid: Uuid) -> Kernel:
    read = written(engine, column.table, uuid.name or "")
    namespace = NAMESPACES.get(uuid.namespace or "", uuid.namespace or "")

    def named(frame: Frame) -> Column:
        names = read(frame)
        return Column(filtered(names.data, [lambda texts: named_uuids(namespace, texts)]), names.valid)

    return named


def _moments(engine: Context, column: ColumnPlan) -> Callable[[Frame], Ints]:
    """When each row is, in microseconds since 1970, shape (n,): its time, or its number in milliseconds after the timeframe's start."""
    uuid, start = column.spec.generator.uuid, engine.window[0]
    name = (uuid.time if uuid is not None else None) or column.time_column
    if name is None:
        return lambda frame: row_numbers(frame.rows) * _MILLISECOND + start
    reference = find_reference(engine.plan.model, engine.plan.table(column.table).node, name)
    assert isinstance(reference, Reference)  # the model has been checked
    is_date = reference_type(engine.plan.model, reference) is ColumnType.DATE

    def read(frame: Frame) -> Ints:
        found = frame.read(reference)
        moments: Ints = engine.clock.instants(found.data * DAY) if is_date else found.data
        return moments if found.valid is None else np.where(found.valid, moments, start)

    return read
