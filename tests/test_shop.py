"""The shop at every size, judged with nothing but its data: totals, keys, dates, states and trees."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.document import Model
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan

SHOP = Path(__file__).parents[1] / "examples" / "shop.yaml"
ALLOWED = {
    ("placed", "paid"), ("placed", "cancelled"), ("paid", "shipped"), ("shipped", "delivered"), ("shipped", "lost"), ("delivered", "returned"),
}  # fmt: skip
BLOCK = 65_536
Values = NDArray[Any]

each_size = pytest.mark.parametrize(
    "scale", [0.1, pytest.param(1.0, marks=pytest.mark.slow), pytest.param(10.0, marks=pytest.mark.slow)], ids=str
)


class Shop:
    """The tables of the shop, column by column, as they would be delivered."""

    def __init__(self, scale: float) -> None:
        self.model: Model = parse(SHOP.read_text(), SHOP.name)
        self._engine = Engine(prepare(compile_plan(self.model, scale=scale), workers=2))

    @cache  # noqa: B019 - lives as long as the tests of its size
    def table(self, name: str) -> pa.Table:
        rows = self._engine.rows(name)
        blocks = [self._engine.block(name, start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK)]
        return pa.Table.from_batches(blocks).combine_chunks()

    def texts(self, ref: str) -> Values:
        table, _, column = ref.partition(".")
        return np.array(self.table(table).column(column).to_pylist(), dtype=object)

    def numbers(self, ref: str) -> Values:
        """Whole numbers; cents of decimals, microseconds of moments, days of dates."""
        table, _, column = ref.partition(".")
        (values,) = self.table(table).column(column).chunks
        assert values.null_count == 0
        if pa.types.is_decimal(values.type):
            words = np.frombuffer(values.buffers()[1], dtype=np.int64)
            return words[:: len(words) // len(values)][: len(values)]
        width = np.int32 if pa.types.is_date32(values.type) else np.int64
        return np.frombuffer(values.buffers()[1], dtype=width)[values.offset : values.offset + len(values)].astype(np.int64)


@cache
def shop(scale: float) -> Shop:
    return Shop(scale)


def sums(keys: Values, values: Values, count: int) -> Values:
    """The sum of the values of each key from 1 on, exactly."""
    found = np.zeros(count + 1, dtype=np.int64)
    np.add.at(found, keys, values)
    return found[1:]


def places(keys: Values) -> dict[Any, int]:
    found = {key: place for place, key in enumerate(keys.tolist())}
    assert len(found) == len(keys)
    return found


@each_size
def test_every_total_is_the_sum_of_its_items_and_shipping_to_the_cent(scale: float) -> None:
    data = shop(scale)
    orders = data.numbers("order.order_id")
    assert (orders == np.arange(1, len(orders) + 1)).all()
    items = sums(data.numbers("order_item.order_id"), data.numbers("order_item.line_total"), len(orders))
    assert (data.numbers("order.subtotal") == items).all()
    assert (data.numbers("order.total") == items + data.numbers("order.shipping")).all()
    counts = sums(data.numbers("order_item.order_id"), data.numbers("order_item.quantity"), len(orders))
    assert (data.numbers("order.items") == counts).all()


@each_size
def test_payments_of_an_order_add_up_to_its_total(scale: float) -> None:
    data = shop(scale)
    total, status = data.numbers("order.total"), data.texts("order.status")
    paid = sums(data.numbers("payment.order_id"), data.numbers("payment.amount"), len(total))
    is_paid = ~np.isin(status, ["placed", "cancelled"])
    assert (paid == np.where(is_paid, total, 0)).all()
    assert data.numbers("payment.amount").min() > 0
    assert 0.05 < np.mean(np.bincount(data.numbers("payment.order_id"))[1:] == 2) < 0.15


@each_size
def test_what_customers_have_spent_is_the_sum_of_their_orders(scale: float) -> None:
    data = shop(scale)
    place = places(data.texts("customer.customer_id"))
    of = np.array([place[key] for key in data.texts("order.customer_id").tolist()])
    counted = data.texts("order.status") != "cancelled"
    spent = sums(of + 1, np.where(counted, data.numbers("order.total"), 0), len(place))
    assert (data.numbers("customer.spent") == spent).all()
    assert (data.numbers("customer.orders") == np.bincount(of, minlength=len(place))).all()


@each_size
def test_orders_go_to_an_address_of_their_customer(scale: float) -> None:
    data = shop(scale)
    pairs = set(zip(data.texts("address.customer_id").tolist(), data.numbers("address.address_no").tolist(), strict=True))
    assert len(pairs) == data.table("address").num_rows
    assert set(zip(data.texts("order.customer_id").tolist(), data.numbers("order.address_no").tolist(), strict=True)) <= pairs


@each_size
def test_no_date_is_before_that_of_its_parent(scale: float) -> None:
    data = shop(scale)
    place = places(data.texts("customer.customer_id"))
    of = np.array([place[key] for key in data.texts("order.customer_id").tolist()])
    ordered, reached = data.numbers("order.ordered_at"), data.numbers("order.status_at")
    assert (ordered >= data.numbers("customer.created_at")[of]).all()
    assert (reached >= ordered).all()
    order = data.numbers("payment.order_id") - 1
    assert (data.numbers("payment.paid_at") >= ordered[order]).all()
    assert (data.numbers("payment.paid_at") <= reached[order]).all()
    reviewed = data.numbers("review.order_id") - 1
    assert (data.texts("order.status")[reviewed] == "delivered").all()
    assert (data.numbers("review.written_at") >= reached[reviewed]).all()
    assert (data.numbers("promotion.end_at") > data.numbers("promotion.start_at")).all()


@each_size
def test_orders_go_ways_that_the_machine_allows(scale: float) -> None:
    data = shop(scale)
    order, number = data.numbers("order_status.order_id"), data.numbers("order_status.number")
    state, time = data.texts("order_status.status"), data.numbers("order_status.status_at")
    follows = np.flatnonzero(order[1:] == order[:-1])
    assert set(zip(state[follows].tolist(), state[follows + 1].tolist(), strict=True)) <= ALLOWED
    assert (number[follows + 1] == number[follows] + 1).all()
    assert (time[follows + 1] > time[follows]).all()
    first, last = np.flatnonzero(number == 1), np.append(np.flatnonzero(np.diff(order)), len(order) - 1)
    assert (order[first] == data.numbers("order.order_id")).all()
    assert (state[first] == "placed").all()
    assert (time[first] == data.numbers("order.ordered_at")).all()
    assert (state[last] == data.texts("order.status")).all()
    assert (time[last] == data.numbers("order.status_at")).all()


@each_size
def test_no_value_lies_outside_its_vocabulary(scale: float) -> None:
    data = shop(scale)
    for ref, values in {
        "customer.country": {"DE", "AT", "CH", "NL", "FR", "PL"},
        "customer.segment": {"vip", "regular", "budget"},
        "order.status": {"placed", "paid", "shipped", "delivered", "returned", "cancelled", "lost"},
        "payment.method": {"card", "paypal", "invoice"},
    }.items():
        assert set(data.texts(ref).tolist()) == values, ref
    tiers = set(zip(data.texts("customer.segment").tolist(), data.texts("customer.tier").tolist(), strict=True))
    assert tiers == {("vip", "gold"), ("vip", "platinum"), ("regular", "silver"), ("budget", "bronze"), ("budget", "none")}
    assert set(data.numbers("product.category_id").tolist()) <= set(data.numbers("category.category_id").tolist())
    assert set(data.numbers("stock_level.product_id").tolist()) == set(data.numbers("product.product_id").tolist())


@each_size
def test_no_product_comes_twice_in_an_order(scale: float) -> None:
    data = shop(scale)
    pairs = data.numbers("order_item.order_id") * 1_000_000 + data.numbers("order_item.product_id")
    assert len(np.unique(pairs)) == len(pairs)


@each_size
def test_employees_form_a_tree_and_managers_were_there_first(scale: float) -> None:
    data = shop(scale)
    place = places(data.numbers("employee.employee_id"))
    managers, hired = data.texts("employee.manager_id"), data.numbers("employee.hired_on")
    above = np.array([place[manager] if manager is not None else own for own, manager in enumerate(managers.tolist())])
    assert sum(manager is None for manager in managers.tolist()) == 1
    assert (hired >= hired[above]).all()
    found = np.arange(len(above))
    for _ in range(8):  # the tree is at most eight deep: no circle survives that
        found = above[found]
    assert (managers[found] == None).all()  # noqa: E711 - element by element
    assert np.bincount(above[above != np.arange(len(above))]).max() <= 9
