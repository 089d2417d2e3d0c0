"""Draw docs/examples/NAME.png, what each example's columns look like: `.venv/bin/python tools/draw_examples.py [NAME ...]` after `make docs`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import seedbed
from seedbed.model.base import table_of
from seedbed.model.document import Model

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "examples"

BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#3b6fb6", "#e08b3a", "#4d9a6a", "#c0504d", "#7b62a3", "#8a8f98"
COLORS = (BLUE, ORANGE, GREEN, PURPLE, RED)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D")

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.labelcolor": "#444444",
    "axes.edgecolor": "#999999",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e4e4e4",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.dpi": 100,
}

Axes = Any
Columns = dict[str, np.ndarray]


class Data:
    """The tables of an example at scale 1: `data.visit["basket"]` is a NumPy array without its nulls marked."""

    def __init__(self, name: str) -> None:
        (path,) = (ROOT / "examples").glob(f"{name}.*")
        self.model: Model = seedbed.load(path)
        self.plan = seedbed.plan(self.model)
        self.rows = {node.id: self.plan.table(node.id).read_all() for node in self.model.nodes}

    def __getattr__(self, table: str) -> Columns:
        found = {column: self.rows[table].column(column).to_numpy() for column in self.rows[table].column_names}
        setattr(self, table, found)
        return found


# ------------------------------------------------------------------------------------------------- panels


def bars(axes: Axes, labels: Sequence[object], values: Sequence[float], title: str, color: str | Sequence[str] = BLUE) -> None:
    axes.bar(range(len(values)), values, color=color, width=0.78)
    axes.set_xticks(range(len(labels)), [str(label) for label in labels])
    axes.set_title(title)


def lying_bars(axes: Axes, labels: Sequence[object], values: Sequence[float], title: str, color: str = BLUE) -> None:
    axes.barh(range(len(values)), values, color=color, height=0.72)
    axes.set_yticks(range(len(labels)), [str(label) for label in labels])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_title(title)


def histogram(axes: Axes, values: np.ndarray, title: str, bins: Any = 40, color: str = BLUE, label: str | None = None) -> None:
    axes.hist(values, bins=bins, color=color, alpha=0.85 if label is None else 0.6, label=label)
    axes.set_title(title)


def on_log(axes: Axes, ticks: Sequence[float], label: str) -> None:
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{tick:,.0f}" if tick >= 1 else f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel(label)


def by_day(axes: Axes, times: np.ndarray, title: str) -> None:
    days = (times.astype("datetime64[D]").astype(np.int64) + 3) % 7
    share = np.bincount(days, minlength=7) / len(days) * 100
    bars(axes, DAYS, share, title, [BLUE] * 5 + [ORANGE] * 2)
    axes.set_ylabel("% of rows")


def by_hour(axes: Axes, times: np.ndarray, title: str, color: str = BLUE) -> None:
    hours = times.astype("datetime64[h]").astype(np.int64) % 24
    bars(axes, range(24), np.bincount(hours, minlength=24) / len(hours) * 100, title, color)
    axes.set_xticks(range(0, 24, 3), [f"{hour}h" for hour in range(0, 24, 3)])
    axes.set_ylabel("% of rows")


def over_time(axes: Axes, times: np.ndarray, values: np.ndarray | None, title: str, unit: str = "W", color: str = BLUE) -> None:
    """Rows a week, or a week's mean of the values."""
    slots = times.astype(f"datetime64[{unit}]")
    first = slots.min()
    place = (slots - first).astype(np.int64)
    counts = np.bincount(place)
    line = counts if values is None else np.bincount(place, weights=values) / np.maximum(counts, 1)
    moments = first + np.arange(len(counts))
    keep = np.full(len(counts), fill_value=True) if values is None else counts > 0
    axes.plot(moments[keep].astype("datetime64[D]"), line[keep], color=color, lw=1.4)
    if values is None:
        axes.fill_between(moments[keep].astype("datetime64[D]"), line[keep], color=color, alpha=0.18, lw=0)
        axes.set_ylim(bottom=0)
    axes.set_title(title)
    calendar(axes)


def calendar(axes: Axes) -> None:
    axes.xaxis.set_major_locator(mdates.MonthLocator(bymonth=(1, 7)))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b %y"))


def counted(values: Iterable[object]) -> tuple[list[object], list[int]]:
    found = Counter(values).most_common()
    return [value for value, _ in found], [count for _, count in found]


# ------------------------------------------------------------------------------------- tables and their keys


def references_of(model: Model) -> list[tuple[str, str]]:
    """Which table refers to which: by foreign keys, parents and links."""
    pairs = [(table_of(key.sources[0]), table_of(key.goals[0])) for key in model.constraints.foreign_keys]
    for node in model.nodes:
        pairs += [(node.id, parent) for parent in node.parents] + [(node.id, link.to) for link in node.links.values()]
    return list(dict.fromkeys(pairs))


def depths(model: Model) -> dict[str, int]:
    """The column of each table in the sketch: one right of all that it refers to."""
    found: dict[str, int] = {}
    references = references_of(model)

    def depth(table: str) -> int:
        if table not in found:
            found[table] = 0
            others = {to for source, to in references if source == table and to != table}
            found[table] = max((depth(other) + 1 for other in others), default=0)
        return found[table]

    for node in model.nodes:
        depth(node.id)
    return found


def sketch(axes: Axes, data: Data) -> None:
    """Tables as boxes with their rows, foreign keys as lines."""
    columns: dict[int, list[str]] = {}
    for table, depth in depths(data.model).items():
        columns.setdefault(depth, []).append(table)
    wide, tall = max(columns) + 1, max(len(tables) for tables in columns.values())
    place = {
        table: (depth + 0.5, tall * (1 - (row + 0.5) / len(tables)))
        for depth, tables in columns.items()
        for row, table in enumerate(tables)
    }
    kinds = {node.id: node.kind for node in data.model.nodes}
    for source, target in references_of(data.model):
        if source != target:
            (x, y), (to_x, to_y) = place[source], place[target]
            axes.plot((x, to_x), (y, to_y), color="#b5bac2", lw=1, zorder=1)
    for table, (x, y) in place.items():
        color = {"entity": BLUE, "fact": ORANGE, "vocab": GREEN}[kinds[table]]
        box = {"boxstyle": "round,pad=0.35", "fc": "white", "ec": color, "lw": 1.3}
        axes.text(x, y, f"{table}\n{data.rows[table].num_rows:,}", ha="center", va="center", fontsize=8.5, bbox=box, linespacing=1.3)
    axes.set_xlim(0, wide)
    axes.set_ylim(0, tall)
    axes.axis("off")
    axes.set_title(
        "tables, their rows and references (blue: entities, orange: facts, green: vocabularies)", fontsize=9, fontweight="normal"
    )


def figure(data: Data, panels: Sequence[Callable[[Axes, Data], None]], sketch_height: float) -> Any:
    """The sketch above, the panels below it, three in a row."""
    lines = -(-len(panels) // 3)
    drawn = plt.figure(figsize=(11, sketch_height + 2.5 * lines), layout="constrained")
    grid = drawn.add_gridspec(1 + lines, 3, height_ratios=[sketch_height, *[2.5] * lines])
    sketch(drawn.add_subplot(grid[0, :]), data)
    for number, panel in enumerate(panels):
        panel(drawn.add_subplot(grid[1 + number // 3, number % 3]), data)
    return drawn


# ----------------------------------------------------------------------------------------------- the examples


def users_events(data: Data) -> Any:
    def a_user(axes: Axes, data: Data) -> None:
        counts = np.bincount(np.bincount(data.event["user_id"], minlength=1001)[1:])
        bars(axes, range(len(counts)), counts, "events a user: Poisson, mean 8")
        axes.set_xticks(range(0, len(counts), 4), range(0, len(counts), 4))
        axes.set_ylabel("users")

    def duration(axes: Axes, data: Data) -> None:
        histogram(axes, data.event["duration_s"], "duration: lognormal", np.geomspace(1, 3600, 45))
        on_log(axes, (1, 10, 60, 600, 3600), "seconds")

    def age(axes: Axes, data: Data) -> None:
        histogram(axes, data.user["age"], "age: normal, within 18 to 80", np.arange(17.5, 81.5, 2))
        axes.set_xlabel("years")

    def day(axes: Axes, data: Data) -> None:
        times = data.event["occurred_at"]
        share = np.mean((times.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5)
        by_day(axes, times, f"day of the week: {share:.1%} on weekends")

    def kind(axes: Axes, data: Data) -> None:
        lying_bars(axes, *counted(data.event["event_type"]), "event type: weighted choice")

    def country(axes: Axes, data: Data) -> None:
        lying_bars(axes, *counted(data.user["country"]), "country: decides names and phones", GREEN)

    return figure(data, (a_user, day, duration, age, country, kind), 0.8)


def bank(data: Data) -> Any:  # noqa: C901 - a panel each
    def hour(axes: Axes, data: Data) -> None:
        by_hour(axes, data.account_transaction["booked_at"], "transactions by hour")

    def day(axes: Axes, data: Data) -> None:
        by_day(axes, data.account_transaction["booked_at"], "transactions by day")

    def messages(axes: Axes, data: Data) -> None:
        over_time(axes, data.communication["sent_at"], None, "communications a week: campaigns", color=ORANGE)

    def amount(axes: Axes, data: Data) -> None:
        kinds = dict(zip(data.account["account_id"], data.account["account_type"], strict=True))
        of_row = np.array([kinds[number] for number in data.account_transaction["account_id"]])
        for color, kind in zip(COLORS, ("checking", "savings", "business"), strict=False):
            values = data.account_transaction["amount_cents"][of_row == kind] / 100
            histogram(axes, values, "amount by account type", np.geomspace(0.5, 20000, 50), color, kind)
        on_log(axes, (1, 10, 100, 1000, 10000), "euros")
        axes.legend()

    def season(axes: Axes, data: Data) -> None:
        months = data.account_transaction["booked_at"].astype("datetime64[M]").astype(np.int64) % 12
        means = [data.account_transaction["amount_cents"][months == month].mean() / 100 for month in range(12)]
        bars(axes, MONTHS, means, "mean amount by month", [BLUE] * 10 + [ORANGE] * 2)
        axes.set_ylabel("euros")

    def salary(axes: Axes, data: Data) -> None:
        for color, kind in zip(COLORS, ("teller", "advisor", "analyst", "manager"), strict=False):
            values = data.employee["salary"][data.employee["position"] == kind] / 1000
            histogram(axes, values, "salary by position", np.arange(24, 130, 3), color, kind)
        axes.set_xlabel("thousand euros a year")
        axes.legend()

    def kinds(axes: Axes, data: Data) -> None:
        lying_bars(axes, *counted(data.account_transaction["transaction_type"]), "transactions by type", GREEN)
        axes.set_xticks((0, 20000, 40000), ("0", "20,000", "40,000"))

    def loans(axes: Axes, data: Data) -> None:
        for color, kind in zip(COLORS, ("consumer", "car", "mortgage"), strict=False):
            histogram(
                axes, data.loan["principal"][data.loan["loan_type"] == kind], "loan by type", np.geomspace(1000, 900000, 40), color, kind
            )
        on_log(axes, (1000, 10000, 100000, 900000), "euros")
        axes.legend()

    def teams(axes: Axes, data: Data) -> None:
        managers = data.employee["manager_id"]
        sizes = np.bincount(np.unique(managers[~np.isnan(managers)], return_counts=True)[1])[1:]
        bars(axes, range(1, len(sizes) + 1), sizes, "direct reports of a manager", PURPLE)
        axes.set_xticks(range(0, len(sizes), 3), range(1, len(sizes) + 1, 3))
        axes.set_ylabel("managers")
        axes.set_xlabel("reports")

    return figure(data, (hour, day, messages, amount, season, salary, kinds, loans, teams), 2.4)


def onboarding(data: Data) -> Any:
    plans = ("free", "team", "enterprise")

    def funnel(axes: Axes, data: Data) -> None:
        kinds = data.company["plan"][data.onboarding_step["company_id"] - 1]
        totals = {plan: np.sum(data.company["plan"] == plan) for plan in plans}
        for color, plan in zip(COLORS, plans, strict=False):
            counts = np.bincount(data.onboarding_step["stage_index"][kinds == plan], minlength=6)
            axes.plot(range(6), counts / totals[plan] * 100, "o-", color=color, label=plan, ms=4)
        axes.set_xticks(
            range(6), ("signed\nup", "email\nverified", "project\ncreated", "data\nconn.", "team\ninvited", "sub-\nscribed"), fontsize=7.5
        )
        axes.set_ylim(0, 105)
        axes.set_ylabel("% of companies")
        axes.set_title("stages reached, by plan")
        axes.legend()

    def ages(axes: Axes, data: Data) -> None:
        counts = np.bincount(data.session["week"])[:20]
        bars(axes, range(len(counts)), counts, "sessions by age: the vintage curve")
        axes.set_xticks(range(0, 20, 4), range(0, 20, 4))
        axes.set_xlabel("weeks since signing up")

    def vintages(axes: Axes, data: Data) -> None:
        signed = data.company["signed_up_at"].astype("datetime64[M]")
        of_row = signed[data.session["company_id"] - 1]
        month = data.session["started_at"].astype("datetime64[M]")
        first = signed.min()
        table = np.zeros((17, 18))  # 17 months of sign-ups, 18 of sessions
        np.add.at(table, ((of_row - first).astype(int), (month - first).astype(int)), 1)
        axes.stackplot(first + np.arange(18), table, colors=plt.get_cmap("viridis")(np.linspace(0.1, 0.95, 17)), lw=0)
        axes.set_title("sessions a month, by month of sign-up")
        calendar(axes)

    def lengths(axes: Axes, data: Data) -> None:
        week = np.minimum(data.session["week"] // 4, 11)
        means = [data.session["minutes"][week == month].mean() for month in range(12)]
        bars(axes, range(12), means, "mean session by age: a + b ln(1 + age)", GREEN)
        axes.set_xlabel("times four weeks since signing up")
        axes.set_ylabel("minutes")

    def day(axes: Axes, data: Data) -> None:
        by_day(axes, data.company["signed_up_at"], "sign-ups by day")

    def a_company(axes: Axes, data: Data) -> None:
        counts = np.bincount(data.session["company_id"], minlength=3001)[1:]
        for color, plan in zip(COLORS, plans, strict=False):
            histogram(axes, counts[data.company["plan"] == plan], "sessions a company, by plan", np.arange(0, 100, 3), color, plan)
        axes.legend()

    return figure(data, (funnel, ages, vintages, lengths, day, a_company), 1.4)


def sensors(data: Data) -> Any:  # noqa: PLR0915 - a panel each
    def temperature(axes: Axes, data: Data) -> None:
        picks = data.reading["temperature_c"] < 45
        times, values = data.reading["measured_at"], data.reading["temperature_c"]
        axes.scatter(times[~picks], values[~picks], s=4, color=RED, lw=0, label="spikes", rasterized=True)
        axes.scatter(times[picks][::4], values[picks][::4], s=1, color=BLUE, alpha=0.35, lw=0, rasterized=True)
        axes.set_title("temperature: season, heat waves, spikes")
        axes.set_ylabel("°C")
        axes.legend(markerscale=3, loc="upper left")
        calendar(axes)

    def a_day(axes: Axes, data: Data) -> None:
        hours = data.reading["measured_at"].astype("datetime64[h]").astype(np.int64) % 24
        values = data.reading["temperature_c"]
        axes.plot(range(24), [np.median(values[hours == hour]) for hour in range(24)], "o-", color=BLUE, ms=3.5)
        axes.set_xticks(range(0, 24, 3), [f"{hour}h" for hour in range(0, 24, 3)])
        axes.set_title("median temperature by hour")
        axes.set_ylabel("°C")

    def arrivals(axes: Axes, data: Data) -> None:
        over_time(axes, data.reading["measured_at"], None, "readings a week: two outages", color=ORANGE)

    def vibration(axes: Axes, data: Data) -> None:
        month = data.reading["measured_at"].astype("datetime64[M]")
        first, values = month.min(), data.reading["vibration"]
        place = (month - first).astype(int)
        quantiles = np.array([np.quantile(values[place == number], (0.25, 0.5, 0.75, 0.995)) for number in range(24)])
        moments = first + np.arange(24)
        axes.fill_between(moments, quantiles[:, 0], quantiles[:, 2], color=GREEN, alpha=0.3, lw=0, label="middle half")
        axes.plot(moments, quantiles[:, 1], color=GREEN, lw=1.6, label="median")
        axes.plot(moments, quantiles[:, 3], color=RED, lw=1, label="99.5 %")
        axes.set_title("vibration: growth and bursts")
        axes.set_ylabel("mm/s")
        axes.legend()
        calendar(axes)

    def battery(axes: Axes, data: Data) -> None:
        installed = dict(zip(data.device["device_id"], data.device["installed_on"], strict=True))
        created = np.array([installed[number] for number in data.reading["device_id"]]).astype("datetime64[D]")
        months = (data.reading["measured_at"].astype("datetime64[D]") - created).astype(int) / 30.44
        axes.scatter(months[::7], data.reading["battery_pct"][::7], s=2, color=PURPLE, alpha=0.5, lw=0, rasterized=True)
        axes.set_title("battery: linear in the device's age")
        axes.set_xlabel("months since installation")
        axes.set_ylabel("%")
        axes.set_ylim(0, 104)

    def humidity(axes: Axes, data: Data) -> None:
        histogram(axes, data.reading["humidity_pct"], "humidity: normal, with drops", np.arange(0, 100, 2))
        axes.set_yscale("log")
        axes.set_xlabel("%")

    return figure(data, (temperature, a_day, arrivals, vibration, battery, humidity), 1.4)


def marketing(data: Data) -> Any:
    def keywords(axes: Axes, data: Data) -> None:
        labels, counts = counted(data.visit["keyword"])
        lying_bars(axes, labels[:10], counts[:10], "keywords: Zipf, the first ten")

    def products(axes: Axes, data: Data) -> None:
        counts = np.bincount(data.visit["product_rank"], minlength=101)[1:]
        bars(axes, (), counts, "products: 20 % of them, 80 % of views", [ORANGE] * 20 + [BLUE] * 80)
        axes.set_xticks((0, 19, 49, 99), (1, 20, 50, 100))
        axes.set_xlabel("rank")

    def baskets(axes: Axes, data: Data) -> None:
        for color, segment in zip(COLORS, ("new", "loyal", "dormant"), strict=False):
            values = data.visit["basket"][data.visit["segment"] == segment]
            histogram(axes, values, "basket by segment", np.geomspace(5, 400, 45), color, f"{segment}, mean {values.mean():.0f}")
        on_log(axes, (1, 5, 20, 100, 400), "euros")
        axes.set_xlim(1, 500)
        axes.legend()

    def visits(axes: Axes, data: Data) -> None:
        over_time(axes, data.visit["visited_at"], None, "visits a week")
        axes.xaxis.set_major_locator(mdates.MonthLocator(bymonth=(1, 4, 7, 10)))

    def fading(axes: Axes, data: Data) -> None:
        since = data.contact["subscribed_on"].astype("datetime64[D]")[data.visit["contact_id"] - 1]
        weeks = (data.visit["visited_at"].astype("datetime64[D]") - since).astype(int) // 7
        bars(axes, (), np.bincount(weeks)[:40], "visits by age: exponential", GREEN)
        axes.set_xticks(range(0, 40, 8), range(0, 40, 8))
        axes.set_xlabel("weeks since subscribing")

    def hour(axes: Axes, data: Data) -> None:
        by_hour(axes, data.visit["visited_at"], "visits by hour", PURPLE)

    return figure(data, (keywords, products, baskets, visits, fading, hour), 1.9)


def school(data: Data) -> Any:
    """Classes, limits and what students take."""
    of_class = np.array([int(text[1:]) - 2000 for text in data.student_class["class_id"]])
    of_student = np.array([int(text[1:]) - 1000 for text in data.student_class["student_id"]])
    taken = np.bincount(of_class, minlength=len(data.rows["class"]))
    limits = data.rows["class"].column("max_capacity").to_numpy()

    def fill(axes: Axes, _: Data) -> None:
        axes.scatter(limits + np.random.default_rng(1).uniform(-0.3, 0.3, len(limits)), taken, s=7, color=BLUE, alpha=0.6, lw=0)
        ends = np.arange(20, 36)
        axes.step(ends, ends * 8 // 10, where="mid", color=RED, lw=1.4, label="limit: 80 % of the capacity")
        axes.set_ylim(0, 30)
        axes.set_title("students by capacity of the class")
        axes.legend(loc="lower right")

    def seats(axes: Axes, _: Data) -> None:
        histogram(axes, taken / (limits * 8 // 10) * 100, "share of the usable seats taken", np.arange(0, 104, 4))
        axes.set_xlabel("%")
        axes.set_ylabel("classes")

    def loads(axes: Axes, data: Data) -> None:
        counts = np.bincount(np.bincount(of_student, minlength=len(data.rows["student"])), minlength=6)
        bars(axes, range(6), counts, "classes of a student: never over five", GREEN)

    def teachers(axes: Axes, data: Data) -> None:
        names, counts = np.unique(data.rows["class"].column("teacher_id").to_numpy(zero_copy_only=False), return_counts=True)
        classes = np.bincount(counts, minlength=6)
        classes[0] = len(data.rows["teacher"]) - len(names)
        bars(axes, range(6), classes, "classes of a teacher: never over five", PURPLE)

    def shared(axes: Axes, data: Data) -> None:
        table = np.zeros((len(data.rows["student"]), len(limits)), dtype=np.float32)  # multiplied by BLAS
        table[of_student, of_class] = 1
        mates = (table @ table.T)[np.triu_indices(len(table), 1)].astype(np.int64)
        counts = np.bincount(mates, minlength=4)[1:]
        bars(axes, range(1, len(counts) + 1), counts, "classes that two students share", ORANGE)
        axes.set_yscale("log")
        axes.set_ylabel("pairs of students")

    def subjects(axes: Axes, data: Data) -> None:
        names, counts = counted(data.rows["class"].column("class_name").to_pylist())
        lying_bars(axes, names[:10], counts[:10], "classes by name: the first ten")

    return figure(data, (fill, seats, loads, teachers, shared, subjects), 1.4)


def shop(data: Data) -> Any:  # noqa: PLR0915, C901 - a panel each
    """Orders, their way, and what adds up."""
    orders = data.rows["order"].to_pydict()
    ordered = data.order["ordered_at"].astype("datetime64[s]")
    local = ordered + np.where((ordered >= np.datetime64("2024-03-31")) & (ordered < np.datetime64("2024-10-27")), 7200, 3600)
    status = np.array(orders["status"])

    def weeks(axes: Axes, _: Data) -> None:
        over_time(axes, local, None, "orders a week")

    def hours(axes: Axes, _: Data) -> None:
        by_hour(axes, local, "orders by hour")

    def states(axes: Axes, _: Data) -> None:
        lying_bars(axes, *counted(status), "where orders are at the end", GREEN)
        axes.set_xscale("log")

    def times(axes: Axes, data: Data) -> None:
        taken = (data.order["status_at"] - data.order["ordered_at"]) / np.timedelta64(1, "D")
        for color, name in zip((BLUE, RED, ORANGE), ("delivered", "cancelled", "returned"), strict=True):
            histogram(axes, taken[status == name], "days to the last state", np.geomspace(0.01, 30, 50), color, name)
        on_log(axes, (0.01, 0.1, 1, 5, 20), "days")
        axes.legend(loc="upper left")

    def totals(axes: Axes, _: Data) -> None:
        values = np.array(orders["total"], dtype=np.float64)
        free = np.array(orders["shipping"], dtype=np.float64) == 0
        for color, picks, name in ((ORANGE, ~free, "with shipping"), (BLUE, free, "free of it, from 50")):
            histogram(axes, values[picks], "total of an order", np.geomspace(5, 1000, 60), color, name)
        on_log(axes, (5, 20, 50, 200, 1000), "euros")
        axes.legend()

    def products(axes: Axes, data: Data) -> None:
        counts = np.sort(np.unique(data.order_item["product_id"], return_counts=True)[1])[::-1]
        axes.plot(np.arange(1, len(counts) + 1), counts, color=PURPLE, lw=1.6)
        axes.set_yscale("log")
        axes.set_title("how often a product is ordered")
        axes.set_xlabel("rank")

    def splits(axes: Axes, data: Data) -> None:
        rows, place, count = np.unique(data.payment["order_id"], return_inverse=True, return_counts=True)
        two = count[place] == 2
        paid = np.array(data.rows["payment"].column("amount").to_pylist(), dtype=np.float64)
        whole = dict(zip(orders["order_id"], orders["total"], strict=True))
        share = paid[two] / np.array([whole[order] for order in rows[place[two]]], dtype=np.float64)
        histogram(axes, share * 100, "orders paid twice: a payment's share", np.arange(0, 101, 4), GREEN)
        axes.set_xlabel("% of the total")

    def discounts(axes: Axes, data: Data) -> None:
        days = local.astype("datetime64[D]")
        first = days.min()
        place = (days - first).astype(int)
        mean = np.bincount(place, weights=data.order["discount"]) / np.maximum(np.bincount(place), 1)
        axes.step(first + np.arange(len(mean)), mean * 100, color=RED, lw=1.2)
        axes.set_title("discount: promotions as shocks")
        axes.set_ylabel("%")
        calendar(axes)

    def stock(axes: Axes, data: Data) -> None:
        weeks, level = data.stock_level["week"][:104], data.stock_level["on_hand"].reshape(-1, 104)
        for color, row in zip(COLORS, level, strict=False):
            axes.plot(weeks, row, color=color, lw=1.2)
        axes.set_title("stock of five products")
        calendar(axes)

    return figure(data, (weeks, hours, states, times, totals, products, splits, discounts, stock), 2.6)


def driving(data: Data) -> Any:  # noqa: PLR0915 - a panel each
    """Companies of four geographies and a day of events."""
    companies = data.rows["company"].to_pydict()
    joined = data.company["created_at"].astype("datetime64[s]")
    geography = dict(zip(companies["company_id"], companies["geography"], strict=True))
    events = data.driving_event

    def places(axes: Axes, _: Data) -> None:
        for color, name in zip(COLORS, ("US", "EU", "SA", "AU"), strict=False):
            picks = [place for place, code in enumerate(companies["geography"]) if code == name]
            longitude, latitude = (np.array(companies[key])[picks] for key in ("longitude", "latitude"))
            axes.scatter(longitude, latitude, s=14, color=color, alpha=0.7, lw=0, label=name)
        axes.set_title("depots, by geography")
        axes.set_xlim(-180, 180)
        axes.set_ylim(-60, 75)
        axes.legend(loc="lower left")

    def day(axes: Axes, _: Data) -> None:
        quarters = [np.zeros(96) for _ in range(4)]
        names = ("US", "EU", "SA", "AU")
        codes = np.array([names.index(geography[company]) for company in events["company_id"]])
        for code in range(4):
            quarters[code] = np.bincount(events["interval"][codes == code], minlength=96)
        axes.stackplot(np.arange(96) / 4, quarters, colors=COLORS[:4], labels=names, alpha=0.8, lw=0)
        axes.set_title("events a quarter of an hour")
        axes.set_xlabel("hour, UTC")
        axes.set_xlim(0, 24)
        axes.legend(ncols=2, loc="lower right", frameon=True)

    def kinds(axes: Axes, _: Data) -> None:
        lying_bars(axes, *counted(events["event_type"]), "events by type", GREEN)
        axes.set_xticks((0, 50_000, 100_000), ("0", "50,000", "100,000"))

    def loads(axes: Axes, _: Data) -> None:
        counts = np.unique(events["driver_id"], return_counts=True)[1]
        histogram(axes, counts, "events of a driver in the day", np.arange(0, 420, 8), PURPLE)

    def since(axes: Axes, _: Data) -> None:
        late = joined >= np.datetime64("2024-01-01")
        hours = (joined[late] - np.datetime64("2024-01-01")) / np.timedelta64(1, "h")
        of_company = dict.fromkeys(companies["company_id"], 0) | dict(
            zip(*np.unique(events["company_id"], return_counts=True), strict=True)
        )
        counts = [of_company[company] for company, is_late in zip(companies["company_id"], late, strict=True) if is_late]
        axes.scatter(hours, counts, s=22, color=ORANGE)
        axes.plot((0, 24), (3360, 0), color=GREY, lw=1, ls="--", label="3,360 a day, what is left of it")
        axes.set_title("events of companies that joined that day")
        axes.set_xlabel("hour when they joined")
        axes.legend()

    def distances(axes: Axes, _: Data) -> None:
        values = events["distance_km"]
        histogram(axes, values[~np.isnan(values)], "distance of a drive", np.arange(0, 160, 4))
        axes.set_xlabel("km")

    return figure(data, (places, day, kinds, loads, since, distances), 1.4)


EXAMPLES = (users_events, bank, onboarding, sensors, marketing, school, shop, driving)


def save(drawn: Any, path: Path) -> None:
    """Write a picture with 128 colours: a third of the size, no visible difference."""
    drawn.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(drawn)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main(names: Sequence[str]) -> None:
    """Draw the named examples, all where none is named."""
    mpl.use("agg")
    for draw in EXAMPLES:
        if not names or draw.__name__ in names:
            with plt.rc_context(STYLE):
                drawn = draw(Data(draw.__name__))
                save(drawn, FOLDER / f"{draw.__name__}.png")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    main(sys.argv[1:])
