"""`simulate`: a class whose truth is known, through the real collector."""

import asyncio
import time
from typing import TYPE_CHECKING

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import counting, start_django, table

if TYPE_CHECKING:
    from playhead.cli.simulation.cast import Behaviour
    from playhead.cli.simulation.outcome import Row, Student
    from playhead.cli.simulation.script import Script
    from playhead.cli.simulation.virtual import Run

_HEADINGS = ["behaviour", "students", "true s", "covered s", "share", "watched s", "I1 bound s", "refused by reason, s"]


@click.command(short_help="A class that watches and cheats, and whether it got what it earned.")
@click.option("--students", type=click.IntRange(1, 10_000), default=60, show_default=True, help="How many students.")
@click.option("--videos", type=click.IntRange(1, 50), default=5, show_default=True, help="How many videos.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same figures.")
def simulate(students: int, videos: int, seed: int) -> None:
    """Let a simulated class watch and cheat, and compare what it earned with what it watched.

    Honest students (1x to 2x, pauses, seeks, rewatches, outages, suspends, two devices, drifting clocks, reordered
    and duplicated sends) and cheats (forged claims, 100 batches in a second, rate 16, five tabs, replays, other
    people's tickets, moved clocks) send real batches to the real collector, on a virtual clock. The class is kept
    in PLAYHEAD_DATA as a course of its own, which every teacher there can look at. From 26 students on there is at
    least one of each kind.

    \b
    The columns:
               true s      seconds that ran before the student's eyes at an allowed rate, each counted once
               covered s   seconds credited, each counted once; share is covered of true
               watched s   seconds credited, repeats included
               I1 bound s  what the student's real time can pay for at most
    Whoever lends a ticket gets what is sent under it; whoever borrows one gets nothing.

    \b
    Example:
      playhead simulate --students 200 --videos 5 --seed 1

    \b
    Exit codes:
      0  every honest student got all of their seconds, and no cheat more than their time pays for
      1  somebody did not, listed by student; or a server uses the folder
      2  called wrongly
    """
    start_django()
    require_up_to_date()
    from playhead.cli.simulation.cast import cast
    from playhead.cli.simulation.outcome import faults, rows

    behaviours = cast(students)
    outcome = _simulate(behaviours, videos=videos, seed=seed)
    click.echo(table(_HEADINGS, [_cells(name, row) for name, row in rows(outcome).items()]))
    found = faults(outcome)
    for fault in found:
        click.echo(fault)
    if found:
        raise click.ClickException(f"{len(found):,} promises were broken (listed above).")
    click.echo("Every honest student has every second; no cheat has more than their time pays for.")


def _simulate(behaviours: "list[Behaviour]", *, videos: int, seed: int) -> "list[Student]":
    """Write the scripts, play them through the real collector, and read what came of it from the tables."""
    from playhead.cli.recording import recording
    from playhead.cli.simulation.cast import durations, scripts
    from playhead.cli.simulation.outcome import Student, bound_ms
    from playhead.cli.simulation.school import earned, make_school
    from playhead.cli.simulation.virtual import Run, VirtualClock
    from playhead.collector.app import Collector
    from playhead.recorder import service
    from playhead.recorder.policy import Policy

    policy = Policy()
    durations_ms = durations(videos, seed=seed)
    written = scripts(behaviours, durations_ms, seed=seed, max_rate=policy.max_rate)
    with recording(clock=VirtualClock()) as recorder:
        lasts_ms = max(each.at_ms for script in written for each in script.happenings)
        begins_at = time.time_ns() // 1_000_000 - lasts_ms
        stage = make_school(behaviours, durations_ms, begins_at=begins_at, policy=policy)
        run = Run(Collector(recorder, service.ticket_keys()), stage)
        _play(run, written)
    return [
        Student(behaviour, script, seen, got, bound_ms(seen, max_rate=policy.max_rate))
        for behaviour, script, seen, got in zip(behaviours, written, run.seen, earned(stage), strict=True)
    ]


def _play(run: "Run", scripts: "list[Script]") -> None:
    happenings = sum(len(script.happenings) for script in scripts)
    with counting(happenings, label=f"Playing {happenings:,} openings and batches") as playing:
        asyncio.run(run.play(scripts, progress=playing.update))


def _cells(name: str, row: "Row") -> list[str]:
    share = f"{row.covered_ms * 100 / row.true_ms:.1f} %" if row.true_ms else "-"
    refused = [f"{reason} {_seconds(ms)}" for reason, ms in row.refused_ms.most_common()]
    turned_away = [f"{name} ×{count:,}" for name, count in row.turned_away.most_common()]
    return [
        name,
        f"{row.students:,}",
        _seconds(row.true_ms),
        _seconds(row.covered_ms),
        share,
        _seconds(row.watched_ms),
        _seconds(row.bound_ms),
        ", ".join(refused + turned_away) or "-",
    ]


def _seconds(ms: int) -> str:
    return f"{ms // 1000:,}.{ms % 1000:03}"
