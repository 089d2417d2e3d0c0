"""One large file by hand in SQL: DuckDB reads it with the columns said, and writes a Parquet file a table.

python bench/peers/collect_one_duckdb.py INPUT FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

COLUMNS = {
    "student_id": "VARCHAR",
    "first_name": "VARCHAR",
    "last_name": "VARCHAR",
    "age": "BIGINT",
    "year": "BIGINT",
    "gpa": "DOUBLE",
    "address": "STRUCT(street VARCHAR, city VARCHAR, zip VARCHAR)",
    "email": "VARCHAR",
    "registered_at": "TIMESTAMP",
    "enrollments": "STRUCT(class_id VARCHAR, class_name VARCHAR, grade VARCHAR, enrollment_date DATE)[]",
}


def main() -> None:
    source, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TEMPORARY TABLE read AS SELECT * FROM read_json('{source}/students.json', columns = {{{columns}}})")
    own = "SELECT * EXCLUDE (enrollments, address), address.street, address.city, address.zip FROM read"
    connection.execute(f"COPY ({own}) TO '{folder}/students.parquet'")
    connection.execute(f"COPY (SELECT student_id, unnest(enrollments, recursive := true) FROM read) TO '{folder}/enrollments.parquet'")


if __name__ == "__main__":
    main()
