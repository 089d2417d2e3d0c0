"""The parts of an Excel workbook (ECMA-376) beside its rows: what names the sheets, how cells look, what refers to what."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, BinaryIO, cast
from xml.sax.saxutils import escape, quoteattr

from seedbed.core.records import dataclass
from seedbed.write.formats.streams import Counted

#: What a sheet holds, its line of names included.
SHEET_ROWS, SHEET_COLUMNS = 1_048_576, 16_384

#: Characters of a cell, in the units of UTF-16.
CELL_UNITS = 32_767

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

#: Nothing larger fits into a part of a plain zip file.
_PLAIN_ZIP_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """How the cells of a column look: the format of their numbers, and the column's width in characters where it matters."""

    number_format: str | None = None
    width: int | None = None


def letters(column: int) -> str:
    """The name of the n-th column, from 0 on.

    >>> letters(0), letters(25), letters(26), letters(16_383)
    ('A', 'Z', 'AA', 'XFD')
    """
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def sheet_name(table: str, number: int) -> str:
    """The name of the n-th sheet of a table, from 1 on: at most 31 characters, none of those that Excel keeps for itself.

    >>> sheet_name("orders", 1), sheet_name("a/b:" + "c" * 40, 2)
    ('orders', 'a_b_ccccccccccccccccccccccc (2)')
    """
    end = "" if number == 1 else f" ({number})"
    clean = "".join("_" if sign in "[]:*?/\\'" or ord(sign) < 32 else sign for sign in table)
    return (clean[: 31 - len(end)] or "rows") + end


class Workbook:
    """A workbook that is written from its first sheet to its last, a row after the other; to be finished by `finish`.

    No clock is asked: the same rows give the same bytes.
    """

    def __init__(self, out: BinaryIO, looks: Sequence[Look]) -> None:
        self._zip = zipfile.ZipFile(cast("IO[bytes]", Counted(out)), "w", zipfile.ZIP_DEFLATED)
        self._looks = looks
        self._sheets: list[str] = []

    @contextmanager
    def sheet(self, name: str, expected_bytes: int) -> Iterator[IO[bytes]]:
        """A sheet, to which the elements of its rows are written."""
        self._sheets.append(name)
        with self._part(f"xl/worksheets/sheet{len(self._sheets)}.xml", expected_bytes) as part:
            part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">{_VIEW}{self._columns()}<sheetData>\n'.encode())
            yield part
            part.write(b"</sheetData></worksheet>")

    def finish(self) -> None:
        """Write what tells of all sheets, and the list of all parts."""
        for path, text in (
            ("xl/workbook.xml", self._workbook()),
            ("xl/_rels/workbook.xml.rels", self._relations()),
            ("xl/styles.xml", self._styles()),
            ("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])),
            ("[Content_Types].xml", self._types()),
        ):
            with self._part(path, len(text)) as part:
                part.write((_HEAD + text).encode())
        self._zip.close()

    @contextmanager
    def _part(self, path: str, expected_bytes: int) -> Iterator[IO[bytes]]:
        entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._zip.open(entry, "w", force_zip64=expected_bytes > _PLAIN_ZIP_BYTES) as part:
            yield part

    def _columns(self) -> str:
        wide = [(at + 1, look.width) for at, look in enumerate(self._looks) if look.width]
        columns = "".join(f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in wide)
        return f"<cols>{columns}</cols>" if columns else ""

    def _workbook(self) -> str:
        sheets = "".join(f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(self._sheets, 1))
        return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>'

    def _relations(self) -> str:
        sheets = [("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(self._sheets) + 1)]
        return _relations([*sheets, ("styles", "styles.xml")])

    def _types(self) -> str:
        parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
        parts += [(f"/xl/worksheets/sheet{at}.xml", "worksheet") for at in range(1, len(self._sheets) + 1)]
        named = "".join(f'<Override PartName="{path}" ContentType="{_TYPE}.{kind}+xml"/>' for path, kind in parts)
        relations = f'<Default Extension="rels" ContentType="{_RELATIONS_TYPE}"/><Default Extension="xml" ContentType="application/xml"/>'
        return f'<Types xmlns="{_PACKAGE}/content-types">{relations}{named}</Types>'

    def _styles(self) -> str:
        """Styles: 0 plain, 1 the line of names, then one for each column."""
        formats, cells = "", ""
        for at, look in enumerate(self._looks):
            if look.number_format:
                formats += f'<numFmt numFmtId="{164 + at}" formatCode={quoteattr(look.number_format)}/>'
            cells += f'<xf numFmtId="{164 + at if look.number_format else 0}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        count = sum(look.number_format is not None for look in self._looks)
        own = f'<numFmts count="{count}">{formats}</numFmts>' if count else ""
        return (
            f'<styleSheet xmlns="{_MAIN}">{own}'
            f'<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
            '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            f'<cellXfs count="{2 + len(self._looks)}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
            f'<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>{cells}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        )


#: The line of names stays in view.
_VIEW = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews>"
)
_RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATIONS}/{kind}" Target="{escape(path)}"/>' for at, (kind, path) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'
