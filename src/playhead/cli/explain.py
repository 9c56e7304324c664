"""`explain`: where one number comes from, line by line."""

import csv
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import start_django, table

if TYPE_CHECKING:
    from playhead.recorder.ledger import Line, Sums
    from playhead.recorder.models import Progress

_HEADINGS = ["received", "playback", "video", "speed", "credited s", "fresh s", "time paid s", "not credited"]


@click.command(short_help="Every credit and refusal behind one student's number for one video.")
@click.argument("viewer")
@click.argument("video")
@click.option("--csv", "form", flag_value="csv", help="All columns, as CSV on stdout.")
@click.option("--json", "form", flag_value="json", help="All columns and the sums, as JSON on stdout.")
def explain(viewer: str, video: str, form: str | None) -> None:
    """List every credit and refusal behind the progress of VIEWER in VIDEO, and add them up.

    VIEWER is a username or a viewer's key; VIDEO a video's key, or its title if no other video has it. Each line is
    one stretch that a player claimed: when it was received, in which playback (the first opening is 1), which part of
    the video, what was credited of it, how much of that for the first time, with how much real time it was paid, and
    what was not credited, why. The sums are compared with the stored progress.

    \b
    Example:
      playhead explain bob "What a wave is"
      playhead explain bob v_5d1c0a7e42f3 --csv > bob.csv

    \b
    Exit codes:
      0  the lines add up to the stored progress
      1  they do not (`playhead verify` says more), or there is no such viewer or video, or several
      2  called wrongly
    """
    start_django()
    require_up_to_date()
    found = _asked(viewer, video)
    {"csv": _csv, "json": _json, None: _words}[form](found)
    if not found.adds_up:
        raise click.ClickException("The lines do not add up to the stored progress: run `playhead verify`.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A viewer and a video by key and name, the lines, and the stored progress they must add up to."""

    viewer: str
    viewer_name: str
    video: str
    video_title: str
    lines: "list[Line]"
    sums: "Sums"
    progress: "Progress | None"

    @property
    def adds_up(self) -> bool:
        stored, sums = self.progress, self.sums
        if stored is None:
            return not self.lines
        ours = (sums.covered_ms, sums.watched_ms, sums.refused_ms, sums.imported_ms, sums.imported_watched_ms)
        theirs = (stored.covered_ms, stored.watched_ms, stored.refused_ms)
        return ours == (*theirs, stored.imported_ms, stored.imported_watched_ms)


def _asked(viewer: str, video: str) -> _Asked:
    from playhead.recorder.ledger import lines_of, sums_of
    from playhead.recorder.models import Progress, Viewer

    (viewer_key, name), (video_key, title) = _viewer(viewer), _video(video)
    row = Viewer.objects.filter(key=viewer_key).first()
    lines = [] if row is None else list(lines_of(row.pk, video_key))
    progress = Progress.objects.filter(viewer=row, video=video_key).first() if row else None
    return _Asked(viewer_key, name, video_key, title, lines, sums_of(lines), progress)


def _viewer(asked: str) -> tuple[str, str]:
    """Key and name of somebody known by username or key, to the site or to the recorder alone."""
    from django.db.models import Q

    from playhead.lms.models import User
    from playhead.recorder.models import Viewer

    if user := User.objects.filter(Q(username__iexact=asked) | Q(key=asked)).first():
        return user.key, f"{user} ({user.username})"
    if Viewer.objects.filter(key=asked).exists():
        return asked, asked
    raise click.ClickException(f"There is no viewer with the username or key {asked!r}.")


def _video(asked: str) -> tuple[str, str]:
    from django.db.models import Q

    from playhead.lms.models import Video
    from playhead.recorder.models import Playback

    found = Video.objects.filter(Q(key=asked) | Q(title__iexact=asked)).select_related("course")[:10]
    if len(found) > 1:
        listed = "\n".join(f"  {video.key}  {video.title} · {video.course}" for video in found)
        raise click.ClickException(f"Several videos are called {asked!r}; ask by key:\n{listed}")
    if found:
        return found[0].key, f"{found[0].title} · {found[0].course}"
    if Playback.objects.filter(video=asked).exists():
        return asked, asked
    raise click.ClickException(f"There is no video with the key or title {asked!r}.")


def _words(found: _Asked) -> None:
    """For people: a table, its sum, and the stored progress beside it."""
    from playhead.lms import words

    click.echo(f"{found.viewer_name}\n{found.video_title}\n")
    if not found.lines:
        click.echo("Nothing was ever claimed: there are no lines.")
        return
    playbacks = {key: number for number, key in enumerate(dict.fromkeys(line.playback for line in found.lines), 1)}
    click.echo(table(_HEADINGS, [_cells(line, playbacks[line.playback]) for line in found.lines]))
    sums, stored = found.sums, found.progress
    click.echo(f"\n{sums.lines:,} lines in {len(playbacks):,} playbacks add up to")
    click.echo(f"  covered       {_seconds(sums.covered_ms)} s (fresh; each second once)")
    click.echo(f"  watched       {_seconds(sums.watched_ms)} s (credited; repeats included)")
    click.echo(f"  time paid     {_seconds(sums.paid_ms)} s")
    if sums.imported_watched_ms:
        click.echo(f"  imported      {_seconds(sums.imported_ms)} s (told by another system, not checked here)")
    for reason, ms in sums.refused.most_common():
        said = words.reason(reason)
        click.echo(f"  not credited  {_seconds(ms)} s {said.short}: {said.sentence}")
    if stored is not None:
        percent = "progress unknown" if stored.progress is None else f"progress {stored.progress} %"
        click.echo(f"Stored: covered {_seconds(stored.covered_ms)} s, {percent}.")


def _cells(line: "Line", playback: int) -> list[str]:
    from datetime import UTC, datetime

    from django.utils.timezone import localtime

    from playhead.lms import words
    from playhead.lms.clock import clock

    received = localtime(datetime.fromtimestamp(line.received_at / 1000, tz=UTC))
    refused = ", ".join(f"{words.reason(reason).short} {_seconds(ms)}" for reason, ms in line.reasons)
    span = f"{clock(line.m0)}–{clock(line.m1)}"
    lengths = [_seconds(ms) for ms in (line.credit_ms, line.fresh_ms, line.paid_ms)]
    said = "imported" if line.kind == "imported" else refused
    return [f"{received:%Y-%m-%d %H:%M:%S}", str(playback), span, f"{line.rate / 1000:g}×", *lengths, said]


def _seconds(ms: int) -> str:
    return f"{ms / 1000:,.3f}"


def _csv(found: _Asked) -> None:
    from playhead.recorder.ledger import as_row

    rows = [as_row(line) for line in found.lines]
    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _json(found: _Asked) -> None:
    from playhead.recorder.ledger import as_row

    sums, stored = found.sums, found.progress
    told: dict[str, Any] = {
        "viewer": {"key": found.viewer, "name": found.viewer_name},
        "video": {"key": found.video, "title": found.video_title},
        "sums": {
            "covered_ms": sums.covered_ms,
            "watched_ms": sums.watched_ms,
            "paid_ms": sums.paid_ms,
            "refused_ms": dict(sums.refused),
            "imported_ms": sums.imported_ms,
            "imported_watched_ms": sums.imported_watched_ms,
        },
        "stored": None
        if stored is None
        else {"covered_ms": stored.covered_ms, "watched_ms": stored.watched_ms, "progress": stored.progress},
        "adds_up": found.adds_up,
        "lines": [as_row(line) for line in found.lines],
    }
    click.echo(json.dumps(told, ensure_ascii=False, indent=1))
