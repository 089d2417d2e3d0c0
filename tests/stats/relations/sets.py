"""Relational data sets with known keys, in the naming habits that people have: grown by seedbed from a few words each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

import seedbed
from seedbed.core.draw import below, derive_key, draw_bits, unit

Spec = dict[str, Any]
Edge = tuple[str, tuple[str, ...], str, tuple[str, ...]]


@dataclass(frozen=True)
class Known:
    """A data set's tables, its primary keys and its foreign keys."""

    tables: dict[str, pa.Table]
    keys: dict[str, tuple[str, ...]]
    edges: frozenset[Edge]


# A column is said in a word: `pk`, `pk:C-{}` (a text), `ref:table`, `ref?:table` (may be null), `self` (a tree), `per` (a number in its
# parent's rows), `up` (its parent's key), `one:table` (the same, and its own: a row each for some), `int:1..9`, `money`, `word`, `name`, `date`, `time`, or values with `|` between them.
SETS: dict[str, dict[str, tuple[Any, dict[str, str]]]] = {
    "library": {
        "authors": (300, {"author_id": "pk", "full_name": "name", "born": "int:1900..1999", "country": "US|GB|FR|DE"}),
        "books": (900, {"book_id": "pk", "author_id": "ref:authors", "title": "word", "pages": "int:40..900", "price": "money"}),
        "members": (500, {"member_id": "pk", "full_name": "name", "joined": "date", "level": "int:1..5"}),
        "loans": (2500, {"loan_id": "pk", "book_id": "ref:books", "member_id": "ref:members", "loaned": "date", "days": "int:1..60"}),
        "fines": (400, {"fine_id": "pk", "loan_id": "ref:loans", "amount": "money", "paid": "yes|no"}),
    },
    "hospital": {
        "Patient": (800, {"patientId": "pk", "fullName": "name", "age": "int:0..100", "bloodGroup": "A|B|AB|0"}),
        "Department": (12, {"departmentId": "pk", "departmentName": "word", "floor": "int:0..9"}),
        "Doctor": (90, {"doctorId": "pk", "departmentId": "ref:Department", "fullName": "name", "salary": "int:50000..200000"}),
        "Room": (120, {"roomNumber": "pk:R-{}", "departmentId": "ref:Department", "beds": "int:1..6"}),
        "Appointment": (
            3000,
            {"appointmentId": "pk", "patientId": "ref:Patient", "doctorId": "ref:Doctor", "roomNumber": "ref:Room", "at": "time"},
        ),
        "Prescription": (2000, {"id": "pk", "appointmentId": "ref:Appointment", "drug": "word", "quantity": "int:1..30"}),
    },
    "airline": {
        "airport": (60, {"id": "pk", "iata": "pk-like:AP{}", "city": "word", "elevation": "int:0..3000"}),
        "aircraft": (40, {"id": "pk", "model": "A320|B737|E190", "seats": "int:90..240"}),
        "flight": (
            1500,
            {
                "id": "pk",
                "origin_airport_id": "ref:airport",
                "destination_airport_id": "ref:airport",
                "aircraft_id": "ref:aircraft",
                "at": "time",
            },
        ),
        "passenger": (2000, {"id": "pk", "name": "name", "passport_country": "US|GB|FR"}),
        "booking": (4000, {"id": "pk", "flight_id": "ref:flight", "passenger_id": "ref:passenger", "seat": "int:1..240", "price": "money"}),
        "baggage": (2500, {"id": "pk", "booking_id": "ref:booking", "weight": "int:5..32"}),
    },
    "staff": {
        "departments": (20, {"dept_no": "pk:d{}", "dept_name": "word"}),
        "employees": (600, {"emp_no": "pk", "manager_emp_no": "self", "dept_no": "ref:departments", "hired": "date", "grade": "int:1..12"}),
        "salaries": (("employees", 3), {"emp_no": "up", "change_no": "per", "salary": "int:30000..120000", "from_date": "date"}),
        "projects": (80, {"project_no": "pk", "lead_emp_no": "ref:employees", "budget": "money"}),
        "assignments": (1800, {"assignment_no": "pk", "emp_no": "ref:employees", "project_no": "ref:projects", "hours": "int:1..400"}),
    },
    "orders": {
        "customer": (400, {"customer_id": "pk", "name": "name", "city": "word"}),
        "product": (150, {"sku": "pk:SKU{}", "title": "word", "price": "money", "stock": "int:0..500"}),
        "order": (1200, {"order_id": "pk", "customer_id": "ref:customer", "ordered": "date", "total": "money"}),
        "order_line": (("order", 3), {"order_id": "up", "line_no": "per", "sku": "ref:product", "quantity": "int:1..9"}),
        "shipment": (900, {"shipment_id": "pk", "order_id": "ref:order", "carrier": "DHL|UPS|FedEx"}),
        "review": (700, {"review_id": "pk", "product_sku": "ref:product", "reviewer_customer_id": "ref?:customer", "stars": "int:1..5"}),
    },
    "social": {
        "users": (700, {"id": "pk:usr-{}", "handle": "word", "signed_up": "date", "followers": "int:0..5000"}),
        "posts": (2500, {"id": "pk:pst-{}", "author_id": "ref:users", "body": "word", "likes": "int:0..900"}),
        "comments": (
            5000,
            {"id": "pk:cmt-{}", "post_id": "ref:posts", "author_id": "ref:users", "parent_id": "self", "score": "int:-5..90"},
        ),
        "follows": (3000, {"id": "pk:fol-{}", "follower_id": "ref:users", "followee_id": "ref:users", "since": "date"}),
        "messages": (1500, {"id": "pk:msg-{}", "sender_id": "ref:users", "recipient_id": "ref:users", "sent": "time"}),
    },
    "bank": {
        "CUST": (500, {"CUST_ID": "pk", "CUST_NM": "name", "SEGMENT": "RETAIL|PRIVATE|SME"}),
        "BRANCH": (30, {"BRANCH_CD": "pk:BR{}", "CITY": "word"}),
        "ACCT": (900, {"ACCT_ID": "pk", "CUST_ID": "ref:CUST", "BRANCH_CD": "ref:BRANCH", "BALANCE": "money"}),
        "TXN": (6000, {"TXN_ID": "pk", "ACCT_ID": "ref:ACCT", "TXN_DT": "date", "AMOUNT": "money", "TXN_CNT": "int:1..4"}),
        "CARD": (700, {"CARD_NO": "pk:4000{}", "ACCT_ID": "ref:ACCT", "EXPIRES": "date"}),
    },
    "warehouse": {
        "dim_customer": (600, {"customer_key": "pk", "customer_name": "name", "region": "N|S|E|W"}),
        "dim_product": (200, {"product_key": "pk", "product_name": "word", "category": "food|toys|tools"}),
        "dim_store": (40, {"store_key": "pk", "store_name": "word", "square_meters": "int:80..4000"}),
        "dim_date": (365, {"date_key": "pk", "day": "date", "weekday": "int:1..7"}),
        "fact_sales": (
            8000,
            {
                "sales_key": "pk",
                "customer_key": "ref:dim_customer",
                "product_key": "ref:dim_product",
                "store_key": "ref:dim_store",
                "date_key": "ref:dim_date",
                "quantity": "int:1..20",
                "revenue": "money",
            },
        ),
    },
    "world": {
        "countries": (80, {"code": "pk:C{}", "name": "word", "population": "int:1000..90000000"}),
        "cities": (600, {"city_id": "pk", "country_code": "ref:countries", "name": "word", "population": "int:100..20000"}),
        "sensors": (150, {"serial": "pk:SN-{}", "city_id": "ref:cities", "installed": "date"}),
        "readings": (("sensors", 20), {"sensor_serial": "up", "reading_no": "per", "value": "int:0..100", "taken": "time"}),
        "repairs": (300, {"repair_id": "pk", "sensor_serial": "ref:sensors", "cost": "money", "done_by": "word"}),
    },
    "courses": {
        "person": (500, {"person_id": "pk", "name": "name", "email": "word"}),
        "teacher": (("person", 0), {"person_id": "one:person", "office": "word", "salary": "int:30000..90000"}),
        "course": (90, {"courseCode": "pk:CRS{}", "title": "word", "teacherId": "ref:teacher", "credits": "int:1..10"}),
        "enrolment": (("person", 4), {"person_id": "up", "attempt": "per", "courseCode": "ref:course", "grade": "int:1..6"}),
        "exam": (200, {"exam_id": "pk", "courseCode": "ref:course", "held": "date", "room": "A|B|C"}),
    },
    "music": {
        "Artist": (275, {"ArtistId": "pk", "Name": "name"}),
        "Album": (347, {"AlbumId": "pk", "Title": "word", "ArtistId": "ref:Artist"}),
        "Genre": (25, {"GenreId": "pk", "Name": "word"}),
        "Track": (
            3500,
            {
                "TrackId": "pk",
                "Name": "word",
                "AlbumId": "ref?:Album",
                "GenreId": "ref:Genre",
                "Milliseconds": "int:10000..900000",
                "UnitPrice": "money",
            },
        ),
        "Employee": (40, {"EmployeeId": "pk", "LastName": "name", "ReportsTo": "self", "HireDate": "date"}),
        "Customer": (600, {"CustomerId": "pk", "FirstName": "name", "SupportRepId": "ref:Employee"}),
        "Invoice": (1400, {"InvoiceId": "pk", "CustomerId": "ref:Customer", "InvoiceDate": "date", "Total": "money"}),
        "InvoiceLine": (5000, {"InvoiceLineId": "pk", "InvoiceId": "ref:Invoice", "TrackId": "ref:Track", "Quantity": "int:1..4"}),
    },
    "wholesale": {
        "Categories": (8, {"CategoryID": "pk", "CategoryName": "word"}),
        "Suppliers": (30, {"SupplierID": "pk", "CompanyName": "word", "Country": "US|GB|DE"}),
        "Products": (
            77,
            {
                "ProductID": "pk",
                "ProductName": "word",
                "SupplierID": "ref:Suppliers",
                "CategoryID": "ref:Categories",
                "UnitsInStock": "int:0..120",
            },
        ),
        "Customers": (91, {"CustomerID": "pk:AB{}", "CompanyName": "word", "City": "word"}),
        "Shippers": (4, {"ShipperID": "pk", "CompanyName": "word"}),
        "Orders": (
            830,
            {"OrderID": "pk", "CustomerID": "ref:Customers", "ShipVia": "ref:Shippers", "Freight": "money", "OrderDate": "date"},
        ),
        "OrderDetails": (
            ("Orders", 3),
            {"OrderID": "up", "Position": "per", "ProductID": "ref:Products", "UnitPrice": "money", "Quantity": "int:1..130"},
        ),
    },
    "code": {
        "account": (300, {"login": "pk:user{}", "kind": "person|org", "followers": "int:0..900"}),
        "repo": (500, {"repo_id": "pk", "owner": "ref:account", "name": "word", "stars": "int:0..9000"}),
        "issue": (
            2000,
            {"issue_id": "pk", "repo_id": "ref:repo", "opened_by": "ref:account", "assignee_login": "ref?:account", "title": "word"},
        ),
        "label": (60, {"label_id": "pk", "repo_id": "ref:repo", "name": "word", "colour": "red|green|blue"}),
        "reaction": (3000, {"reaction_id": "pk", "issue_id": "ref:issue", "login": "ref:account", "emoji": "heart|eyes|plus"}),
    },
    "trial": {
        "site": (20, {"site_no": "pk", "city": "word", "beds": "int:10..300"}),
        "subject": (400, {"subject_no": "pk:SUB{}", "site_no": "ref:site", "sex": "f|m", "age": "int:18..90"}),
        "visit": (("subject", 5), {"subject_no": "up", "visit_no": "per", "visit_date": "date", "weight": "int:40..140"}),
        "lab_result": (4000, {"result_id": "pk", "subject_no": "ref:subject", "test_cd": "ref:test", "result": "money"}),
        "test": (40, {"test_cd": "pk:T{}", "test_name": "word", "unit": "mg|ml|mmol"}),
        "adverse_event": (300, {"ae_id": "pk", "subject_no": "ref:subject", "grade": "int:1..5", "onset": "date"}),
    },
}


def grown(name: str, *, dirty: float = 0.0) -> Known:
    """A data set; of `dirty` rows in a hundred each reference leads nowhere, and as many rows come twice."""
    spec = SETS[name]
    made = seedbed.plan(_model(name, spec))
    tables = {table: made.to_arrow(table) for table in spec}
    keys, edges = _keys(spec), _edges(spec)
    if dirty:
        tables = {table: _dirtied(table, rows, edges, dirty) for table, rows in tables.items()}
    return Known(tables, keys, frozenset(edges))


def _keys(spec: dict[str, tuple[Any, dict[str, str]]]) -> dict[str, tuple[str, ...]]:
    return {
        table: tuple(name for name, what in columns.items() if what in ("up", "per"))
        if "per" in columns.values()
        else tuple(name for name, what in columns.items() if what.split(":")[0] in ("pk", "one"))
        for table, (_, columns) in spec.items()
    }


def _edges(spec: dict[str, tuple[Any, dict[str, str]]]) -> set[Edge]:
    keys = _keys(spec)
    found: set[Edge] = set()
    for table, (rows, columns) in spec.items():
        for name, what in columns.items():
            kind, _, target = what.partition(":")
            target = table if kind == "self" else rows[0] if kind == "up" else target
            if kind in ("ref", "ref?", "self", "up", "one"):
                found.add((table, (name,), target, keys[target]))
    return found


def _model(name: str, spec: dict[str, tuple[Any, dict[str, str]]]) -> Spec:
    entities: Spec = {}
    facts: Spec = {}
    keys = _keys(spec)
    for table, (rows, columns) in spec.items():
        links: Spec = {}
        told: Spec = {}
        for column, what in columns.items():
            told.update(_column(table, column, what, rows, keys, links))
        node: Spec = {"pk": list(keys[table]), "columns": told, **({"links": links} if links else {})}
        if isinstance(rows, tuple):
            fanout = {"distribution": "poisson", "lambda": rows[1]} if rows[1] else {"distribution": "uniform", "min": 0, "max": 1}
            facts[table] = {"parents": [rows[0]], "fanout": fanout, **node}
        else:
            entities[table] = {"rows": rows, **node}
    document: Spec = {"version": "2.0", "metadata": {"name": name}, "timeframe": {"start": "2023-01-01", "end": "2024-12-31"}}
    return {**document, "entities": entities, **({"facts": facts} if facts else {})}


def _column(table: str, column: str, what: str, rows: Any, keys: dict[str, tuple[str, ...]], links: Spec) -> Spec:
    kind, _, rest = what.partition(":")
    if kind == "pk" and not rest:
        return {column: {"sequence": {}}}
    if kind in ("pk", "pk-like"):
        hidden = f"{column}_n"
        return {
            hidden: {"sequence": {"start": 1000}, "hidden": True, "unique": True},
            column: {"pattern": {"template": rest.replace("{}", "{" + hidden + "}")}},
        }
    if kind in ("ref", "ref?"):
        links[f"to_{column}"] = {"to": rest, **({"null_rate": 0.2} if kind == "ref?" else {})}
        return {
            column: {"lookup": {"from": f"{rest}.{keys[rest][0]}", "via": f"to_{column}"}, **({"nullable": True} if kind == "ref?" else {})}
        }
    if kind == "self":
        links["above"] = {"to": table, "hierarchy": {"roots": 5, "branching": 6, "max_depth": 8}}
        return {column: {"lookup": {"from": f"{table}.{keys[table][0]}", "via": "above"}, "nullable": True}}
    if kind in ("up", "one"):
        return {column: {"lookup": {"from": f"{rows[0]}.{keys[rows[0]][0]}"}}}
    return {column: _plain(what, rows)}


def _plain(what: str, rows: Any) -> Spec:
    kind, _, rest = what.partition(":")
    if kind == "per":
        return {"sequence": {"per": rows[0]}}
    if kind == "int":
        low, high = map(int, rest.split(".."))
        return {"distribution": {"type": "uniform", "params": {"low": low, "high": high}}, "type": "int"}
    plain: dict[str, Spec] = {
        "money": {"distribution": {"type": "lognormal", "params": {"mean": 3, "sigma": 1}}, "type": "decimal"},
        "name": {"faker": {"method": "name"}},
        "word": {"pattern": {"regex": "[A-Z][a-z]{4,12}"}},
        "date": {"datetime_series": {"within": "timeframe", "freq": "D"}, "type": "date"},
        "time": {"datetime_series": {"within": "timeframe", "freq": "min"}},
    }
    return plain[kind] if kind in plain else {"choice": {"choices": what.split("|")}}


def _dirtied(name: str, table: pa.Table, edges: set[Edge], share: float) -> pa.Table:
    """The same with references that lead nowhere, and rows twice."""
    for owner, (column, *_), _, _ in sorted(edges):
        if owner != name:
            continue
        at = unit(draw_bits(derive_key(7, name, column), range(len(table)))) < share
        values = table[column].combine_chunks()
        wrong = (
            pa.array([9_999_999] * len(table)) if pa.types.is_integer(values.type) else pa.array([f"lost-{n}" for n in range(len(table))])
        )
        mended = pa.array(
            [b if hit else a for a, b, hit in zip(values.to_pylist(), wrong.to_pylist(), at.tolist(), strict=True)], values.type
        )
        table = table.set_column(table.schema.get_field_index(column), column, mended)
    extra = below(draw_bits(derive_key(8, name), range(int(len(table) * share))), len(table))
    return pa.concat_tables([table, table.take(pa.array(np.asarray(extra)))])
