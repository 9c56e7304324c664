"""Tables as files: CSV, XLSX and Parquet, row by row: a long table needs no more memory than a short one.

CSV is RFC 4180 in UTF-8 with a mark at its start, which spreadsheets want to see. Parquet is written by DuckDB: the
default install has no pyarrow.
"""

import csv
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from playhead.analytics.parquet import engine, load, write
from playhead.core.errors import Invalid

Row = Sequence[Any]
MARK: Final = "\ufeff"
_SHEET_ROWS: Final = 1_048_576  # what a spreadsheet can hold, its heading included
_CELL_CHARS: Final = 32_767
_EXACT: Final = 2**53  # a spreadsheet's numbers are floating-point ones


def write_file(form: str, path: Path, columns: Mapping[str, str], rows: Iterator[Row]) -> int:
    """Write a table of these columns (name to DuckDB's type) to `path`; returns how many rows. Raises Invalid for a
    format that is none of `FORMATS`."""
    if form not in _WRITERS:
        raise Invalid("format_unknown", f"A format is one of {', '.join(_WRITERS)}.")
    return _WRITERS[form](path, columns, rows)


def harmless(value: object) -> object:
    """Spreadsheets take a text that begins like this for a formula, and run it: a name must stay a name."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def plain_name(name: str) -> str:
    """A name for a file that every system can keep."""
    return re.sub(r"[^\w.+-]+", "-", name, flags=re.ASCII).strip("-.") or "table"


def _csv(path: Path, columns: Mapping[str, str], rows: Iterator[Row]) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(MARK)
        into = csv.writer(file)
        into.writerow(columns)
        for row in rows:
            into.writerow([harmless(value) for value in row])
            written += 1
    return written


def _xlsx(path: Path, columns: Mapping[str, str], rows: Iterator[Row]) -> int:
    """Texts are written as texts: nothing in a cell is a formula or a link. What one sheet cannot hold goes on in the
    next."""
    import xlsxwriter

    written = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": path.parent}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet, at = book.add_worksheet(), 0
        sheet.write_row(0, 0, list(columns))
        for row in rows:
            at += 1
            if at == _SHEET_ROWS:
                sheet, at = book.add_worksheet(), 1
                sheet.write_row(0, 0, list(columns))
            for column, value in enumerate(row):
                _write_cell(sheet, at, column, value)
            written += 1
    return written


def _write_cell(sheet: Any, at: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(at, column, value)
    elif isinstance(value, int | float) and abs(value) < _EXACT:
        sheet.write_number(at, column, value)
    else:
        sheet.write_string(at, column, str(value)[:_CELL_CHARS])


def _parquet(path: Path, columns: Mapping[str, str], rows: Iterator[Row]) -> int:
    with tempfile.TemporaryDirectory(prefix="playhead-export-", dir=path.parent) as name:
        scratch = Path(name)
        with engine(scratch / "spill", memory_mb=512) as connection:
            load(connection, "leaving", columns, rows, scratch=scratch)
            return write(connection, "SELECT * FROM leaving", path.parent, path.name).rows


def _json_lines(path: Path, columns: Mapping[str, str], rows: Iterator[Row]) -> int:
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, separators=(",", ":"))
            file.write(told + "\n")
            written += 1
    return written


_WRITERS: Final[Mapping[str, Callable[[Path, Mapping[str, str], Iterator[Row]], int]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "jsonl": _json_lines,
}
FORMATS: Final = ("csv", "xlsx", "parquet")
"""Those that people choose among; `jsonl` is for a student's record."""
