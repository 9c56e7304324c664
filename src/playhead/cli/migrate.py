"""Bringing the databases up to what this version of the code expects."""

import click

from playhead.cli.terminal import start_django


@click.command(short_help="Create the databases, or bring them up to date.")
def migrate() -> None:
    """Create the databases in PLAYHEAD_DATA, or bring them up to this version.

    Safe to run again: what is done is left alone. Run it before the first `playhead serve` and after each
    upgrade, while no server runs. With PLAYHEAD_DATABASE_URL set it does the same to that PostgreSQL database.

    \b
    Example:
      PLAYHEAD_DATA=/srv/playhead playhead migrate

    \b
    Exit codes: 0 up to date · 1 a migration failed, nothing of it is kept · 2 called wrongly
    """
    start_django()
    done = bring_up_to_date()
    click.echo(f"{done} migration{'s' if done != 1 else ''} applied." if done else "Everything is up to date.")


def bring_up_to_date() -> int:
    """Apply what waits, in every database, under the folder's lock. Returns how many migrations were applied."""
    from django.core.management import call_command

    from playhead.cli.recording import owned
    from playhead.lms.doctor import pending

    with owned():
        waiting = pending()
        for alias in waiting:
            call_command("migrate", database=alias, interactive=False, verbosity=0)
    return len({name for names in waiting.values() for name in names})


def require_up_to_date() -> None:
    """Raise one clear line when migrations wait: a command must not find out half-way."""
    from playhead.lms.doctor import pending

    names = sorted({name for names in pending().values() for name in names})
    if names:
        some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        raise click.ClickException(f"The databases are not up to date ({some}). Run `playhead migrate` first.")
