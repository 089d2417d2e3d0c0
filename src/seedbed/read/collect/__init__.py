"""Arbitrary JSON (CSV and Parquet too) becomes relational tables, and the tables become the documents again.

    bytes --decoded--> text --gather / stream--> Records --shred--> Sketch + Physical --tabulate--> tables of Arrow
    Sketch --merge, decide--> Decisions; tables + Decisions --rebuild--> documents

All is pure: no clock, no file, no global; every value pickles. Sketches merge in any order and any cut to the same sketch, decisions are a
function of the merged sketch and the options, and tables are a function of physical values and decisions: so the order of files and the cut into
batches change nothing. `retype` turns tables of old decisions into those of new ones, without the input.

    split.gather(files: Iterable[tuple[str | Source, bytes]], limits=Limits()) -> Records         many small files, one block
    split.stream(source: Source, content: BinaryIO, limits=Limits()) -> Iterator[Records]        one large file, in blocks; raises RefusedError
    shred.shred(records, hint=Hint(), limits=Limits(), options=Options()) -> Shredded(sketch, physical, refused, counts, hint)
    columnar.shred_file(source: Source, path: Path, batch_rows, options) -> Iterator[Shredded]    CSV, Parquet and others
    sketch.merge(sketches: Iterable[Sketch]) -> Sketch                                           Sketch.to_bytes() / Sketch.from_bytes()
    decide.decide(sketch: Sketch, options=Options()) -> Decisions                                .tables: tuple[TableShape, ...]; .to_json() / .from_json()
    tabulate.tabulate(physical: Physical, decisions: Decisions) -> dict[str, pa.Table]           by table name; tables without rows are left out
    restore.affected(old: Decisions, new: Decisions) -> Changes                                  which parts of old decisions have to be rewritten
    restore.retype(tables: dict[str, pa.Table], old, new) -> dict[str, pa.Table]                 the tables of one batch (or of many, joined)
    rebuild.rebuild(tables: dict[str, pa.Table], decisions) -> Iterator[tuple[int, str]]         (_id of the record, its JSON text)

A file that can't be taken is named in `refused` (`Refusal(file, reason, offset, is_truncated)`), and none of its records come out; `stream` raises
`RefusedError`, which carries a `Refusal`, after blocks that may have come out already. Tables of many batches join by concatenation when their decisions
are the same; `_id` is the same whatever the batch, so sorting by it gives one order.
"""
