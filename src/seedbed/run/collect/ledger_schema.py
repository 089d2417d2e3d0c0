"""The tables of the ledger."""

from __future__ import annotations

#: Raised when a ledger of another form can't be read any more.
FORM = "1"

#: `paths` are files by where they lie, `contents` what was in them, by their SHA-256: a content is collected once, whatever its names.
#: A path is `claimed` (by a listener, for a batch), `waiting` (until `retry_at`), `done` or `quarantined`.
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listeners(id INTEGER PRIMARY KEY AUTOINCREMENT, holder BLOB NOT NULL, beat REAL NOT NULL);
CREATE TABLE IF NOT EXISTS batches(id INTEGER PRIMARY KEY AUTOINCREMENT, listener INTEGER NOT NULL, is_whole INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS open_batches ON batches(listener) WHERE is_whole = 0;
CREATE TABLE IF NOT EXISTS paths(
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, state TEXT NOT NULL,
  listener INTEGER, batch INTEGER, tries INTEGER NOT NULL DEFAULT 0, retry_at REAL NOT NULL DEFAULT 0,
  category TEXT, reason TEXT, offset INTEGER, digest BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS open_paths ON paths(state) WHERE state <> 'done';
CREATE TABLE IF NOT EXISTS contents(
  digest BLOB PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, records INTEGER NOT NULL, batch INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totals(one INTEGER PRIMARY KEY CHECK (one = 1), files INTEGER, bytes INTEGER, records INTEGER);
CREATE TABLE IF NOT EXISTS parts(
  path TEXT PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, rows INTEGER NOT NULL, size INTEGER NOT NULL,
  decisions BLOB NOT NULL, seen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decisions(digest BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sketches(id INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS firsts(path TEXT, kind TEXT, name TEXT NOT NULL, PRIMARY KEY (path, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence(name TEXT, field TEXT, content BLOB NOT NULL, PRIMARY KEY (name, field)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions(id INTEGER PRIMARY KEY AUTOINCREMENT, decisions BLOB NOT NULL, at TEXT NOT NULL);
"""
