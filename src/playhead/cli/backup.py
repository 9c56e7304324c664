"""`backup` and `restore`: all that cannot be made again, and the way back."""

from pathlib import Path

import click
from django.conf import settings

from playhead.cli.terminal import counting, start_django

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(short_help="Copy all that cannot be made again, while the server runs.")
@click.argument("into", type=_FOLDER)
@click.option(
    "--keep", type=click.IntRange(min=1), help="How many backups stay in that folder; the others are deleted."
)
def backup(into: Path, keep: int | None) -> None:
    """Copy databases, archive, videos and secrets into a new folder in INTO, best on another disk.

    The server goes on meanwhile. The databases are copied as of one moment and checked; the folder has its name only
    when all of it is on disk. A file that the backup before has just the same is linked to it, not copied.
    Left out: the keys that lock the videos (copy that file somewhere else), and what can be made again. On PostgreSQL
    the database is left out too: `pg_dump` copies it.

    \b
    Example:
      PLAYHEAD_DATA=/srv/playhead playhead backup /backup --keep 14

    \b
    Exit codes: 0 made · 1 it could not be made, and nothing of it is left · 2 called wrongly
    """
    start_django()
    from playhead.recorder import backups

    with counting(backups.size(), label="Copying") as bar:
        made = backups.make(into.resolve(), keep=keep or 0, told=bar.update)
    click.echo(f"{made.folder}: {made.size / 1e6:,.1f} MB.")
    if settings.PLAYHEAD_DATABASE_URL:
        click.echo("The PostgreSQL database is not in it: copy it with pg_dump.", err=True)
    if settings.PLAYHEAD_MEDIA_KEYS.exists():
        click.echo(f"Keep a copy of {settings.PLAYHEAD_MEDIA_KEYS} elsewhere: without it no video plays.", err=True)


@click.command(short_help="Put a backup back into an empty folder.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Put the backup in FOLDER back into PLAYHEAD_DATA, which must not hold a database yet.

    The databases are compared with what was copied before anything is written. Put the file with the keys of the
    videos back yourself.

    \b
    Example:
      PLAYHEAD_DATA=/srv/new playhead restore /backup/playhead-2026-09-01T02-00-00Z

    \b
    Exit codes: 0 put back · 1 it was not, for the reason given · 2 called wrongly
    """
    start_django()
    from playhead.recorder import backups

    settings.PLAYHEAD_DATA.mkdir(parents=True, exist_ok=True)
    put_back = backups.restore(folder.resolve())
    click.echo(f"As of {put_back.made_at:%d %B %Y, %H:%M:%S} UTC, in {settings.PLAYHEAD_DATA}.")
    click.echo("Next: `playhead migrate`, `playhead rebuild analytics`, `playhead verify`, then `playhead serve`.")
