"""`export`: a table, or one student's whole record, as a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import start_django

if TYPE_CHECKING:
    from playhead.lms.models import Course, User


@click.command(short_help="Write a table, or one student's whole record, to a file.")
@click.argument("what")
@click.option("--format", "form", default="csv", show_default=True, help="csv, xlsx or parquet.")
@click.option("--course", help="The course's key or title; without it, all courses.")
@click.option("--student", help="A username or key: that one student's rows; `record` needs one.")
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="By default the name of what it is."
)
def export(what: str, form: str, course: str | None, student: str | None, output: Path | None) -> None:
    """Write WHAT to a file: courses, videos, progress, ledger, sections, playbacks, events; or `record`, a zip with
    everything that is kept of one student.

    Data is fresh to the second, and rows are written as they are read: a long table needs no more memory than a short
    one.

    \b
    Example:
      playhead export progress --course "Waves and sound" --format xlsx -o progress.xlsx
      playhead export record --student bob

    \b
    Exit codes: 0 written · 1 there is no such table, course or student · 2 called wrongly
    """
    start_django()
    require_up_to_date()
    from playhead.exports.formats import plain_name, write_file
    from playhead.lms.leaving.record import write_record
    from playhead.lms.leaving.tables import Scope, table_of

    courses = _courses(course)
    who = _student(student) if student else None
    if what == "record":
        if who is None:
            raise click.UsageError("A record is one student's: say which by --student.")
        path = output or Path(f"playhead-{plain_name(who.username)}.zip")
        rows = write_record(path, who, courses)
    else:
        table, path = table_of(what), output or Path(f"playhead-{what}.{form}")
        rows = write_file(form, path.absolute(), table.columns, table.rows(Scope(courses, who)))
    click.echo(f"{rows:,} rows in {path}.")


def _courses(asked: str | None) -> "list[Course]":
    from django.db.models import Q

    from playhead.lms.models import Course

    found = Course.objects.select_related("organisation").order_by("title", "pk")
    if asked is not None:
        found = found.filter(Q(key=asked) | Q(title__iexact=asked))
        if not found:
            raise click.ClickException(f"There is no course with the key or title {asked!r}.")
    return list(found)


def _student(asked: str) -> "User":
    from django.db.models import Q

    from playhead.lms.models import User

    found = User.objects.filter(Q(username__iexact=asked) | Q(key=asked)).first()
    if found is None:
        raise click.ClickException(f"There is nobody with the username or key {asked!r}.")
    return found
