"""What all commands share: one clear line for an error, a bar for long work, and the way into Django."""

import os
import sys
from collections.abc import Iterable
from typing import Any, TypeVar

import click

from playhead.core.errors import PlayheadError

T = TypeVar("T")


class Teaching(click.Group):
    """Turns what may go wrong outside of us into one line on stderr and exit code 1; a bug keeps its traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except PlayheadError as error:
            raise click.ClickException(error.detail) from error
        except BrokenPipeError:
            raise  # whoever read our output has seen enough: click ends quietly
        except OSError as error:
            raise click.ClickException(_os_error(error)) from error
        except Exception as error:
            if (said := _database_error(error)) is None:
                raise
            raise click.ClickException(said) from error


def _os_error(error: OSError) -> str:
    said = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {said}" if error.filename else said


def _database_error(error: Exception) -> str | None:
    # Imported late: this module is loaded for --help too, and Django takes a third of a second.
    from django.db import DatabaseError

    if not isinstance(error, DatabaseError):
        return None
    return f"The database did not do it: {str(error).strip().splitlines()[0] if str(error).strip() else type(error)}"


def start_django() -> None:
    """Read the settings and load the site's models. A setting that makes no sense is a usage error (exit code 2)."""
    import django
    from django.conf import settings

    if not settings.configured:
        # Django asks the environment for the name of its settings. Whatever another project left there is not ours.
        os.environ["DJANGO_SETTINGS_MODULE"] = "playhead.settings"  # noqa: TID251 - written, not read
    try:
        django.setup()
    except SystemExit as error:
        raise click.UsageError(str(error.code)) from error


def bar(items: Iterable[T], *, label: str, length: int | None = None) -> Any:
    """A progress bar on stderr, so that figures on stdout can be piped; none where nobody looks at a terminal."""
    return click.progressbar(items, length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def counting(length: int, *, label: str) -> Any:
    """The same for work that is not a list: call `.update(done)`."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def table(headings: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as they must be: the first and the last, which are words, to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in [headings, *rows]) for column in range(len(headings))]
    last = len(headings) - 1

    def line(row: list[str]) -> str:
        cells = [
            cell.ljust(width) if column in {0, last} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(headings), "  ".join("-" * width for width in widths), *map(line, rows)])
