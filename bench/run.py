"""Runs measurements: `python -m bench.run FOLDER [NAME ...]`.

A measurement is a module FOLDER/NAME.py with a function `measure() -> list[Row]`. Its table is printed and its rows are
written to results/NAME.json, between two that say how fast the machine was, before and after. The exit code is 1 when a
goal was missed.
"""

import importlib
import sys
from pathlib import Path

from bench.kit import rows, yardstick

_RESULTS = Path("results")
_NOT_MEASUREMENTS = {"__init__", "run"}


def main(arguments: list[str]) -> int:
    folder, names = Path(arguments[0]), arguments[1:]
    found = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("test_")}
    known = sorted(found - _NOT_MEASUREMENTS)
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"There is no {', '.join(unknown)} in {folder}: choose from {', '.join(known)}.", file=sys.stderr)
        return 2
    missed = [name for name in names or known if not run(folder, name)]
    if missed:
        print(f"Goals missed in {', '.join(missed)}.", file=sys.stderr)
    return 1 if missed else 0


def run(folder: Path, name: str) -> bool:
    """Measure, print and keep; False when a goal was missed."""
    module = importlib.import_module(".".join((*folder.parts, name)))
    print(f"\n{name}: {(module.__doc__ or '').strip().splitlines()[0]}\n", flush=True)
    before = yardstick.machine()
    measured: list[rows.Row] = [before, *module.measure(), yardstick.machine()]
    print(rows.table(measured), flush=True)
    rows.write(measured, _RESULTS / f"{name}.json")
    return all(row.holds is not False for row in measured)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
