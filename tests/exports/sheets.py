"""The first sheet of an XLSX file, as its XML has it: no program stands between the file and the test."""

import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells_of(path: Path) -> list[list[Any]]:
    """Rows of texts, numbers, booleans, and None where a cell is empty. Formulas and links fail."""
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    root = ElementTree.fromstring(sheet)
    assert root.find(f".//{_NS}f") is None, "a formula"
    assert root.find(f".//{_NS}hyperlink") is None, "a link"
    rows = [{_column(cell): _value(cell) for cell in row} for row in root.iter(f"{_NS}row")]
    width = max((max(row, default=0) for row in rows), default=0) + 1
    return [[row.get(at) for at in range(width)] for row in rows]


def _column(cell: ElementTree.Element) -> int:
    letters = re.match("[A-Z]+", cell.attrib["r"])
    assert letters
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: ElementTree.Element) -> Any:
    kind = cell.attrib.get("t")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_NS}t"))
    value = cell.findtext(f"{_NS}v")
    if value is None:
        return None
    if kind == "b":
        return value == "1"
    assert kind is None, kind
    return int(value) if re.fullmatch(r"-?\d+", value) else float(value)
