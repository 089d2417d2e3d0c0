"""The tables that state machines add: a row for each state that a row of their node enters."""

from __future__ import annotations

from seedbed.core.block import ColumnType
from seedbed.model.document import EVENT_NUMBER, ColumnSpec, Model, Node
from seedbed.model.generators import Generator
from seedbed.model.generators.lookup import Lookup


def events_name(node: Node) -> str | None:
    """The name of the table of events that a node's state machine adds; None where it adds none."""
    machine = node.state_transition_model
    return f"{node.id}_{machine.state_column}" if machine is not None and machine.emit == "events" else None


def with_event_tables(model: Model) -> Model:
    """The model with the tables that its state machines add; the same where there are none.

    They stand behind all nodes, so that the places of those stay as the document has them.
    """
    names = {node.id for node in model.nodes}
    added: list[Node] = []
    for node in model.nodes:
        name = events_name(node)
        if name is not None and name not in names and node.primary_key:
            added.append(_event_table(node, name))
    return model.model_copy(update={"nodes": (*model.nodes, *added)}) if added else model


def _event_table(node: Node, name: str) -> Node:
    machine = node.state_transition_model
    assert machine is not None
    keys = [
        ColumnSpec(
            name=key,
            generator=Generator(lookup=Lookup.model_validate({"from": f"{node.id}.{key}"})),
            description=f"The row of `{node.id}`.",
        )
        for key in node.primary_key
    ]
    filled = [
        ColumnSpec(name=EVENT_NUMBER, type=ColumnType.INT, description="The number of the state among the row's, from 1."),
        ColumnSpec(name=machine.state_column, type=ColumnType.STRING, description="The state entered."),
        ColumnSpec(name=machine.events_time, type=ColumnType.DATETIME, description="When it was entered."),
    ]
    table = Node(
        id=name,
        kind="fact",
        parents=(node.id,),
        pk=(*node.primary_key, EVENT_NUMBER),
        columns=(*keys, *filled),
        description=f"The states that each row of `{node.id}` has entered.",
    )
    table._machine = machine
    return table
