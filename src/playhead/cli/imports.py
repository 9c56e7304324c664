"""`import xapi`: another system's record, brought in beside what was earned here and never mixed with it."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import bar, counting, start_django
from playhead.interop.xapi import vocabulary
from playhead.interop.xapi.sessions import Collected, SessionKey, VideoKey, own_share, within
from playhead.interop.xapi.statements import BadLine, Lines, Statement, read

_GZIP_MAGIC: Final = b"\x1f\x8b"
_SESSIONS_A_STEP: Final = 250
_LISTED_ON_SCREEN: Final = 20


@click.group("import", short_help="Bring in what another system recorded.")
def import_group() -> None:
    """Bring in what another system recorded. It is shown as `imported`, beside what was earned here."""


@import_group.command("xapi", short_help="Import xAPI video statements.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def xapi(file: Path) -> None:
    """Import xAPI video statements from FILE: one JSON statement a line, plain or gzip.

    People, courses, videos, playbacks and their `imported` sections appear. A session repeats its whole list of
    played-segments in each statement, so the longest counts; the length of a video is the one most statements
    give. The same file again changes nothing. Bad lines are left out, each with its reason, and the rest goes on.

    At the end it compares each statement's own progress with the union of its own segments, and lists those that
    differ: `completed` statements are often forced to 1, for completed is not watched. The whole list, and every
    bad line, goes into reports/ in PLAYHEAD_DATA.

    \b
    Example:
      playhead import xapi statements.json.gz

    \b
    Exit codes:
      0  every line was imported (or was already there)
      1  some lines were bad, or statements about watching contradict themselves, or a server uses the folder
      2  called wrongly
    """
    start_django()
    require_up_to_date()
    from django.conf import settings

    from playhead.cli.recording import recording

    with recording():
        collected, bad = _read(file)
        added = _store(collected)
    report = _write_report(settings.PLAYHEAD_DATA / "reports" / f"import-{file.name}.txt", collected, bad)
    _tell(collected, bad, added=added, report=report)
    if bad or collected.watched.differing:
        raise click.exceptions.Exit(1)


def _read(file: Path) -> tuple[Collected, list[BadLine]]:
    collected, bad = Collected(), list[BadLine]()
    with file.open("rb") as raw, counting(file.stat().st_size, label=f"Reading {file.name}") as reading:
        seen = 0
        try:
            for line in read(_unzipped(raw)):
                if isinstance(line, BadLine):
                    bad.append(line)
                else:
                    collected.add(line)
                reading.update(raw.tell() - seen)
                seen = raw.tell()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise click.ClickException(f"{file} is damaged ({error}); nothing was imported.") from error
    return collected, bad


def _unzipped(raw: BinaryIO) -> Lines:
    """What is inside a gzip file, told by its first bytes and not by its name."""
    magic = raw.read(len(_GZIP_MAGIC))
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == _GZIP_MAGIC else raw


def _store(collected: Collected) -> int:
    """Make what the learning site shows, then record the sessions. Returns how many sessions were new."""
    from playhead.recorder import service

    _make_courses(collected)
    sessions = [
        service.ImportedSession(
            viewer=person_key(key.actor),
            video=video_key(key.video),
            duration_ms=duration_ms,
            session=key.id,
            sections=within(statement, duration_ms=duration_ms),
            stated_at=statement.at_ms,
        )
        for key, statement, duration_ms in _with_duration(collected)
    ]
    added = 0
    steps = range(0, len(sessions), _SESSIONS_A_STEP)
    with bar(steps, label="Recording sessions") as recording:
        for start in recording:
            added += sum(service.import_sessions(sessions[start : start + _SESSIONS_A_STEP]))
    return added


def _with_duration(collected: Collected) -> Iterator[tuple[SessionKey, Statement, int]]:
    """Sessions of videos whose length somebody gave; of the others no statement lists a second either."""
    for key, statement in collected.sessions.items():
        if (duration_ms := collected.videos[key.video].duration_ms) is not None:
            yield key, statement, duration_ms


def _make_courses(collected: Collected) -> None:
    from playhead.cli.roster import Clip, Person, make_course

    for course in sorted({video.course for video in collected.videos}):
        actors = sorted({session.actor for session in collected.sessions if session.video.course == course})
        videos = sorted((key, video) for key, video in collected.videos.items() if key.course == course)
        make_course(
            key=_key("c", course),
            title=course or "Imported",
            description="Imported from xAPI statements. What was watched there is shown as imported.",
            people=[Person(person_key(actor), _key("xapi", actor), collected.people[actor]) for actor in actors],
            clips=[
                Clip(video_key(key), video.name, key.id, video.duration_ms)
                for key, video in videos
                if video.duration_ms is not None
            ],
        )


def person_key(actor: str) -> str:
    """The same actor is the same viewer in every import."""
    return _key("u", actor)


def video_key(video: VideoKey) -> str:
    return _key("v", f"{video.course}\n{video.id}")


def _key(kind: str, name: str) -> str:
    return f"{kind}_{hashlib.sha256(f'xapi {kind} {name}'.encode()).hexdigest()[:24]}"


def _write_report(path: Path, collected: Collected, bad: list[BadLine]) -> Path | None:
    """All that is worth a second look, one line each; no file where there is nothing."""
    lines = [*map(_bad_line, bad), *map(_differing_line, _differing(collected))]
    if not lines:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def _differing(collected: Collected) -> list[Statement]:
    return sorted(collected.watched.differing + collected.verdicts.differing, key=lambda statement: statement.line)


def _bad_line(bad: BadLine) -> str:
    return f"line {bad.line}: left out: {bad.reason}"


def _differing_line(statement: Statement) -> str:
    said, own = statement.progress, own_share(statement)
    return f"line {statement.line}: {statement.verb.name} says progress {said}, its own segments give {own}"


def _tell(collected: Collected, bad: list[BadLine], *, added: int, report: Path | None) -> None:
    for line in [_bad_line(line) for line in islice(bad, _LISTED_ON_SCREEN)]:
        click.echo(line, err=True)
    if len(bad) > _LISTED_ON_SCREEN:
        click.echo(f"and {len(bad) - _LISTED_ON_SCREEN:,} more bad lines", err=True)
    for statement in _differing(collected):
        click.echo(_differing_line(statement))
    known = len(collected.sessions) - added
    click.echo(
        f"{sum(collected.verbs.values()):,} statements of {len(collected.people):,} people about "
        f"{len(collected.videos):,} videos; {added:,} sessions imported, {known:,} already there; "
        f"{len(bad):,} bad lines; {collected.open_ends:,} open ends dropped."
    )
    unknown = [name for name in collected.verbs if name not in {verb.name for verb in vocabulary.VERBS.values()}]
    if unknown:
        click.echo(f"Verbs outside the video profile, counted and otherwise left aside: {', '.join(sorted(unknown))}.")
    if report:
        click.echo(f"The report is {report}.")
    watched, verdicts = collected.watched, collected.verdicts
    click.echo(
        f"{watched.agreeing:,} of {watched.total:,} paused, seeked and terminated statements agree with their own "
        f"progress; of {verdicts.total:,} completed ones {len(verdicts.differing):,} differ (listed above): "
        "completed is not watched."
    )
