"""`doctor`: what is wrong with this deployment, and what to do."""

import textwrap
from typing import TYPE_CHECKING, Final

import click

from playhead.cli.terminal import start_django

if TYPE_CHECKING:
    from playhead.recorder.doctor import Finding

_COLOURS: Final = {"ok": "green", "warning": "yellow", "problem": "red"}
_WIDTH: Final = 110


@click.command(short_help="What is wrong with this deployment, and what to do.")
def doctor() -> None:
    """Look at settings, disk, databases, clock, e-mail and files, and say what is wrong and what to do about it.

    It changes nothing, and may run while a server runs. Administrators see the same on the site's system page, with
    the queue of the server that shows it.

    \b
    Example:
      PLAYHEAD_DATA=/srv/playhead playhead doctor

    \b
    Exit codes:
      0  nothing, or nothing but warnings
      1  at least one problem
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    from playhead.lms.doctor import findings
    from playhead.recorder.doctor import Level

    found = findings()
    for finding in found:
        click.echo(_line(finding))
    problems, warnings = (sum(one.level is level for one in found) for level in (Level.PROBLEM, Level.WARNING))
    click.echo(f"\n{len(found)} findings: {problems} problems, {warnings} warnings.")
    if problems:
        raise click.exceptions.Exit(1)


def _line(finding: "Finding") -> str:
    level = click.style(f"{finding.level:8}", fg=_COLOURS[finding.level])
    indent = " " * 25
    said = textwrap.fill(finding.said, _WIDTH, initial_indent=indent, subsequent_indent=indent).lstrip()
    do = textwrap.fill(f"→ {finding.remedy}", _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
    return f"{level} {finding.about:15} {said}" + (f"\n{do}" if finding.remedy else "")
