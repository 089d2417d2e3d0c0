"""Collecting: files of any JSON (CSV and Parquet too) in a folder become tables, keys and documents, each file once.

    scan -> claim -> read, shred, write parts (workers) -> commit -> compact -> documents

`OUTPUT/.collect/ledger.db` (SQLite) says what is true: which contents are in, which parts hold their rows, who listens and what each has claimed. A
batch of files is in from the one transaction on that says so; parts that the ledger doesn't know are nobody's and are swept away. `ledger.py` has all
of its statements; `collector.py` is the step that workers do; `loop.py` puts them together; `settling.py` brings all parts to the same tables and
writes the documents, which are a function of the ledger alone.
"""
