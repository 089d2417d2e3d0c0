"""Checks as SQL: text only, for DuckDB, SQLite and PostgreSQL. What SQL can't say exactly as the streamed check does, it doesn't say."""
