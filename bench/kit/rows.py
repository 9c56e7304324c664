"""What a measurement says: rows, for people as a table and for machines as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_COLUMNS = ("measure", "value", "unit", "goal", "holds", "peer")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `holds` says whether `goal` was reached (None: there is none), `peer` what it was compared with."""

    measure: str
    value: float
    unit: str
    goal: str = ""
    holds: bool | None = None
    peer: str = ""


def table(rows: Sequence[Row]) -> str:
    lines = [_COLUMNS, *[_cells(row) for row in rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def write(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    holds = {None: "", True: "yes", False: "NO"}[row.holds]
    return (
        row.measure,
        f"{row.value:,.4g}" if row.value < 1000 else f"{row.value:,.0f}",
        row.unit,
        row.goal,
        holds,
        row.peer,
    )
