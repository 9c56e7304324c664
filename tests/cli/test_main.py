"""Every command teaches, and says by its exit code how it went."""

import click
import pytest
from click.testing import CliRunner

from playhead.cli import main


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in sorted(group.commands.items()):
        found += commands(command, *path, name) if isinstance(command, click.Group) else [(*path, name)]
    return found


def test_the_commands_are_these() -> None:
    assert [" ".join(path) for path in commands(main)] == [
        "admin", "backup", "collect", "demo", "doctor", "explain", "export", "import xapi", "join", "migrate",
        "rebuild", "restore", "serve", "simulate", "sink add", "sink check", "sink list", "sink remove", "sink run",
        "studio", "verify", "worker",
    ]  # fmt: skip


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_help_says_what_it_does_shows_an_example_and_lists_the_exit_codes(path: tuple[str, ...]) -> None:
    asked = CliRunner().invoke(main, [*path, "--help"])
    assert asked.exit_code == 0
    for part in ("Example:", "playhead " + " ".join(path), "Exit codes:"):
        assert part in asked.output


def test_help_of_all_names_the_two_settings() -> None:
    asked = CliRunner().invoke(main, ["--help"])
    assert "PLAYHEAD_DATA" in asked.output
    assert "PORT" in asked.output


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["verify", "--nonsense"], ["simulate", "--students", "0"], ["import"]]
)
def test_a_wrong_call_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2
