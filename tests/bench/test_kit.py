"""The measuring kit itself: rows come out as agreed, and a missed goal is not overlooked."""

import json
from pathlib import Path

import pytest

from bench import run
from bench.kit.rounds import median_us
from bench.kit.rows import Row, table, write

ROWS = [Row("speed", 1234.5, "us", "2x faster", holds=True, peer="other==1: 9 us"), Row("size", 2, "kB")]


def test_rows_are_written_with_all_fields(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "results" / "speed.json")

    assert json.loads((tmp_path / "results" / "speed.json").read_text()) == [
        {
            "measure": "speed",
            "value": 1234.5,
            "unit": "us",
            "goal": "2x faster",
            "holds": True,
            "peer": "other==1: 9 us",
        },
        {"measure": "size", "value": 2, "unit": "kB", "goal": "", "holds": None, "peer": ""},
    ]


def test_the_table_lines_up() -> None:
    head, first, second = table(ROWS).splitlines()

    assert head.index("unit") == first.index("us") == second.index("kB")
    assert "1,234" in first


def test_the_slower_candidate_is_seen_to_be_slower() -> None:
    taken = median_us({"short": lambda: sum(range(100)), "long": lambda: sum(range(10_000))}, rounds=3)

    assert taken["long"] > 10 * taken["short"]


@pytest.mark.parametrize(("holds", "code"), [("True", 0), ("None", 0), ("False", 1)])
def test_a_missed_goal_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], holds: str, code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    folder = Path(f"measured_{holds.lower()}")
    folder.mkdir()
    body = f'def measure():\n    return [Row("x", 1, "s", "y", holds={holds})]\n'
    (folder / "thing.py").write_text(f'"""A thing."""\nfrom bench.kit.rows import Row\n{body}')

    assert run.main([str(folder)]) == code
    kept = json.loads((tmp_path / "results" / "thing.json").read_text())
    assert [row["measure"] for row in kept] == ["this machine, now", "x", "this machine, now"]
    assert "thing: A thing." in capsys.readouterr().out


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["bench", "nothing"]) == 2
    assert "sections" in capsys.readouterr().err
