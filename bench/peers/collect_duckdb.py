"""School files by hand in SQL: DuckDB reads all files with the columns said, and writes a Parquet file a table.

python bench/peers/collect_duckdb.py INPUT FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

TEACHER = (
    "STRUCT(teacher_id VARCHAR, first_name VARCHAR, last_name VARCHAR, department VARCHAR, email VARCHAR, hire_date DATE, salary BIGINT,"
    " office_number VARCHAR, phone VARCHAR, qualifications VARCHAR[])[]"
)
STUDENT = (
    "STRUCT(student_id VARCHAR, first_name VARCHAR, last_name VARCHAR, age BIGINT, gender VARCHAR, year BIGINT, gpa DOUBLE, address VARCHAR,"
    " email VARCHAR, phone VARCHAR, enrollment_date DATE)[]"
)
CLASS = (
    "STRUCT(class_id VARCHAR, class_name VARCHAR, room_number VARCHAR, teacher_id VARCHAR, schedule VARCHAR, semester VARCHAR,"
    " max_capacity BIGINT, current_enrollment BIGINT)[]"
)
ENROLMENT = "STRUCT(student_class_id VARCHAR, student_id VARCHAR, class_id VARCHAR, grade VARCHAR, enrollment_date DATE)[]"
METADATA = (
    "STRUCT(generation_timestamp TIMESTAMP, generator_version VARCHAR, dependency_managed BOOLEAN,"
    " entity_counts STRUCT(teachers BIGINT, students BIGINT, classes BIGINT, student_classes BIGINT))"
)
DATA = f"STRUCT(teachers {TEACHER}, students {STUDENT}, classes {CLASS}, student_classes {ENROLMENT})"


def main() -> None:
    source, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    shape = f'{{"metadata": "{METADATA}", "data": "{DATA}"}}'
    connection.execute(f"CREATE TEMPORARY TABLE texts AS SELECT content FROM read_text('{source}/*.json')")
    connection.execute(f"CREATE TEMPORARY TABLE files AS SELECT from_json(content, '{shape}') AS read FROM texts")
    own = "SELECT file, metadata.* FROM (SELECT rowid AS file, read.metadata AS metadata FROM files)"
    connection.execute(f"COPY ({own}) TO '{folder}/metadata.parquet'")
    for name in ("teachers", "students", "classes", "student_classes"):
        rows = f"SELECT rowid AS file, read.data.{name} AS rows FROM files"
        connection.execute(f"COPY (SELECT file, unnest(rows, recursive := true) FROM ({rows})) TO '{folder}/{name}.parquet'")


if __name__ == "__main__":
    main()
