"""School files with dlt: its own reader of files, its own normaliser, Parquet in a folder.

    python bench/peers/collect_dlt.py INPUT FOLDER

The documents are handed over as they are (`json.loads`, a list a file); its workers stay at what it comes with.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["DESTINATION__FILESYSTEM__BUCKET_URL"] = folder.resolve().as_uri()

    @dlt.resource(name="records")
    def documents() -> Iterator[list[Any]]:
        for path in sorted(source.glob("*.json")):
            yield [json.loads(path.read_bytes())]

    pipeline = dlt.pipeline("collect", pipelines_dir=str(folder / "state"), destination="filesystem", dataset_name="school")
    pipeline.run(documents(), loader_file_format="parquet")


if __name__ == "__main__":
    main()
