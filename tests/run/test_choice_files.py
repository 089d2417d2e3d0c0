"""Choices out of files beside the model."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import seedbed
from seedbed.core.errors import ModelError

ROWS = 600


def written(folder: Path, source: dict[str, Any], kind: str = "string") -> Path:
    """A model that chooses from a file."""
    document = {
        "version": "2.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "entities": {
            "t": {
                "rows": ROWS,
                "pk": "id",
                "columns": {"id": {"sequence": {}}, "x": {"choice": {"from_file": source}, "type": kind}},
            }
        },
    }
    path = folder / "model.json"
    path.write_text(json.dumps(document))
    return path


def values(path: Path) -> Counter[Any]:
    return Counter(seedbed.plan(path).block("t", 0, ROWS)["x"].to_pylist())


def csv_file(folder: Path, text: str = "code,people\nDE,80\nAT,9\nCH,0\n") -> dict[str, Any]:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "countries.csv").write_text(text)
    return {"file_path": "data/countries.csv", "column": "code"}


def excel_file(path: Path, sheets: dict[str, list[list[str | float]]]) -> None:
    """A workbook as small as one can be."""
    space = "http://schemas.openxmlformats.org"
    books = [f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)]
    links = [
        f'<Relationship Id="r{n}" Type="{space}/officeDocument/2006/relationships/worksheet" Target="sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    ]
    types = [
        f'<Override PartName="/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    ]
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{space}/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/workbook.xml" ContentType="{main}"/>{"".join(types)}</Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r0" '
            f'Type="{space}/officeDocument/2006/relationships/officeDocument" Target="workbook.xml"/></Relationships>',
        )
        book.writestr(
            "workbook.xml",
            f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{space}/officeDocument/2006/relationships">'
            f"<sheets>{''.join(books)}</sheets></workbook>",
        )
        relations = f'<Relationships xmlns="{space}/package/2006/relationships">{"".join(links)}</Relationships>'
        book.writestr("_rels/workbook.xml.rels", relations)
        for n, rows in enumerate(sheets.values(), 1):
            lines = "".join(f"<row>{''.join(_cell(value) for value in row)}</row>" for row in rows)
            sheet = f'<worksheet xmlns="{space}/spreadsheetml/2006/main"><sheetData>{lines}</sheetData></worksheet>'
            book.writestr(f"sheet{n}.xml", sheet)


def _cell(value: str | float) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"


def test_values_come_from_the_file_in_equal_shares(tmp_path: Path) -> None:
    found = values(written(tmp_path, csv_file(tmp_path)))
    assert set(found) == {"DE", "AT", "CH"}
    assert all(140 < count < 260 for count in found.values())  # 200 each, standard deviation 11.5: five of them


def test_a_column_gives_the_weights(tmp_path: Path) -> None:
    found = values(written(tmp_path, {**csv_file(tmp_path), "weight_column": "people"}))
    assert set(found) == {"DE", "AT"}
    assert 500 < found["DE"] < 570


def test_numbers_and_dates_are_read_as_the_columns_type(tmp_path: Path) -> None:
    csv_file(tmp_path, "code,day\n7,2024-02-29\n8,2024-03-01\n")
    assert set(values(written(tmp_path, {"file_path": "data/countries.csv", "column": "code"}, "int"))) == {7, 8}
    days = values(written(tmp_path, {"file_path": "data/countries.csv", "column": "day"}, "date"))
    assert {day.isoformat() for day in days} == {"2024-02-29", "2024-03-01"}


def test_texts_stay_as_they_are_written(tmp_path: Path) -> None:
    assert set(values(written(tmp_path, csv_file(tmp_path, 'code\n007\n"a,b"\nTRUE\n')))) == {"007", "a,b", "TRUE"}


def test_parquet_files_are_read(tmp_path: Path) -> None:
    codes = pa.table({"code": pa.array(["x", "y"]).dictionary_encode(), "weight": [3, 1]})
    pq.write_table(codes, tmp_path / "codes.parquet")
    found = values(written(tmp_path, {"file_path": "codes.parquet", "column": "code", "weight_column": "weight"}))
    assert 400 < found["x"] < 500


def test_excel_files_are_read(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    excel_file(tmp_path / "book.xlsx", {"first": [["code"], ["a"]], "second": [["n", "code"], [1, "b"], [2.5, "c"]]})
    assert set(values(written(tmp_path, {"file_path": "book.xlsx", "column": "code"}))) == {"a"}
    source = {"file_path": "book.xlsx", "column": "n", "sheet": "second"}
    assert set(values(written(tmp_path, source, "float"))) == {1.0, 2.5}
    assert set(values(written(tmp_path, source, "string"))) == {"1", "2.5"}
    with pytest.raises(ModelError, match="no sheet `third`"):
        values(written(tmp_path, {**source, "sheet": "third"}))


def test_the_files_content_is_part_of_the_plans_name_and_of_the_manifest(tmp_path: Path) -> None:
    path = written(tmp_path, csv_file(tmp_path))
    first = seedbed.generate(path, tmp_path / "one")
    again = seedbed.generate(path, tmp_path / "two")
    csv_file(tmp_path, "code,people\nFR,1\n")
    other = seedbed.generate(path, tmp_path / "three")
    assert first.fingerprint == again.fingerprint != other.fingerprint
    manifest = (tmp_path / "one" / ".metadata.json").read_text()
    assert "data/countries.csv, column code" in manifest


def test_a_choice_inside_another_generator_reads_its_file(tmp_path: Path) -> None:
    source = csv_file(tmp_path)
    path = written(tmp_path, source)
    document = json.loads(path.read_text())
    inner = {"choice": {"from_file": source}}
    document["entities"]["t"]["columns"]["x"] = {
        "case": {"when": [{"if": "id > 300", "then": inner}], "else": {"choice": {"choices": ["-"]}}},
        "type": "string",
    }
    path.write_text(json.dumps(document))
    assert set(values(path)) == {"DE", "AT", "CH", "-"}


REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"column": "cod"}, "code\na\n", "string", "no column `cod`"),
    ({"file_path": "data/nothing.csv"}, "code\na\n", "string", "no such file"),
    ({"file_path": "../countries.csv"}, "code\na\n", "string", "leads out of the model's folder"),
    ({"file_path": "data/../../x.csv"}, "code\na\n", "string", "leads out of the model's folder"),
    ({"file_path": "/etc/hostname"}, "code\na\n", "string", "leads out of the model's folder"),
    ({"file_path": "C:\\x.csv"}, "code\na\n", "string", "leads out of the model's folder"),
    ({"file_path": "data"}, "code\na\n", "string", "no kind of file"),
    ({"file_path": "data/x.txt"}, "code\na\n", "string", "no kind of file"),
    ({"sheet": "s"}, "code\na\n", "string", "only Excel files have sheets"),
    ({}, "code\n", "string", "has no rows"),
    ({}, 'code\n1\n""\n', "int", "row 2 of `code`"),
    ({}, "code\na\n", "int", "cannot be read"),
    ({"weight_column": "w"}, "code,w\na,-1\n", "string", "cannot all be weights"),
    ({"weight_column": "w"}, "code,w\na,0\n", "string", "cannot all be weights"),
    ({"weight_column": "code"}, "code\n1\n", "string", "its own weight"),
]


@pytest.mark.parametrize(("source", "text", "kind", "said"), REFUSED)
def test_what_cannot_be_chosen_from_is_refused_with_its_place(
    tmp_path: Path, source: dict[str, Any], text: str, kind: str, said: str
) -> None:
    path = written(tmp_path, {**csv_file(tmp_path, text), **source}, kind)
    with pytest.raises(ModelError, match=said) as refused:
        _ = seedbed.plan(path).rows
    assert "x.choice.from_file" in str(refused.value)


def test_a_data_set_that_is_sent_elsewhere_takes_the_values_along(tmp_path: Path) -> None:
    data = seedbed.plan(written(tmp_path, csv_file(tmp_path)))
    sent = pickle.loads(pickle.dumps(data))  # noqa: S301 - our own bytes
    (tmp_path / "data" / "countries.csv").unlink()
    assert sent.block("t", 0, ROWS) == data.block("t", 0, ROWS)


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("code\na\n")
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "codes.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ModelError, match="is a link that leads out"):
        _ = seedbed.plan(written(folder, {"file_path": "codes.csv", "column": "code"})).rows


def test_a_model_without_a_file_has_no_files_beside_it(tmp_path: Path) -> None:
    document = json.loads(written(tmp_path, csv_file(tmp_path)).read_text())
    with pytest.raises(ModelError, match="read from no file"):
        _ = seedbed.plan(document).rows


def test_models_read_before_still_know_their_folder(tmp_path: Path) -> None:
    model = seedbed.load(written(tmp_path, csv_file(tmp_path)))
    assert set(seedbed.plan(model).block("t", 0, ROWS)["x"].to_pylist()) == {"DE", "AT", "CH"}
