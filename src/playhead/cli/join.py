"""`join`: another system, its keys and its callback endpoint in one go, for scripts and for trying things out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import start_django

if TYPE_CHECKING:
    from playhead.lms.models import Course


@click.command(short_help="Join another system: print its keys, once.")
@click.argument("name")
@click.option("--origin", "origins", multiple=True, help="An origin whose pages may show the player; may be repeated.")
@click.option("--course", "courses", multiple=True, metavar="KEY", help="A course it is given; may be repeated.")
@click.option("--whole-school", is_flag=True, help="Every course and everybody.")
@click.option("--callback", default="", metavar="URL", help="Where it wants to hear of progress.")
@click.option("--kind", type=click.Choice(["playhead", "kollus"]), default="playhead", help="Which language it speaks.")
def join(
    name: str,
    origins: Sequence[str],
    courses: Sequence[str],
    whole_school: bool,  # noqa: FBT001  click's
    callback: str,
    kind: str,
) -> None:
    """Join the system NAME: its key, an API key with every scope, a playback key and the callback's secret are printed
    as lines for a shell. They are kept nowhere in the clear: the page of integrations can only make others.

    Works beside a running server.

    \b
    Example:
      playhead join "Tiny LMS" --origin http://localhost:9000 --whole-school \\
        --callback http://localhost:9000/playhead > tiny.env

    \b
    Exit codes: 0 done · 1 no such course, or an address that cannot be called; nothing was made · 2 called wrongly
    """
    start_django()
    require_up_to_date()
    from playhead.core.errors import PlayheadError

    try:
        with _recorder():
            for line in _joined(name, origins, courses, whole_school=whole_school, callback=callback, kind=kind):
                click.echo(line)
    except PlayheadError as error:
        raise click.ClickException(error.detail) from error


@contextmanager
def _recorder() -> Iterator[None]:
    """The server's, where one runs; else this command's own."""
    from playhead.cli.recording import reaching, recording
    from playhead.core.errors import Unavailable

    try:
        with recording():
            yield
            return
    except Unavailable as error:
        if error.code != "folder_in_use":
            raise
    with reaching():
        yield


def _joined(
    name: str, origins: Sequence[str], courses: Sequence[str], *, whole_school: bool, callback: str, kind: str
) -> Iterator[str]:
    from playhead.callbacks import endpoints
    from playhead.lms.api_keys import SCOPES, make_key
    from playhead.lms.grants import give
    from playhead.lms.models import default_organisation
    from playhead.recorder import integrations, service

    organisation_id = default_organisation()
    given = [_course(organisation_id, key) for key in courses]
    form = endpoints.KOLLUS if kind == "kollus" else endpoints.STANDARD
    if callback:
        endpoints.checked(url=callback, format=form)
    made = integrations.create(name, organisation_id=organisation_id, origins=tuple(origins), kind=kind)
    give(made, given, whole_school=whole_school)
    made, secret = integrations.rotate_key(made)
    _key, token = make_key(made, name="made by playhead join", scopes=SCOPES)
    yield f"INTEGRATION={made.key}"
    yield f"API_KEY={token}"
    yield f"PLAYBACK_KID={made.playback_keys[0].kid}"
    yield f"PLAYBACK_SECRET={secret}"
    if callback:
        _endpoint, signing = endpoints.add(
            organisation_id=organisation_id,
            integration=made.key,
            name=name,
            url=callback,
            format=form,
            now_ms=service.current().now_ms(),
        )
        yield f"CALLBACK_SECRET={signing}"


def _course(organisation_id: int, key: str) -> "Course":
    from playhead.core.errors import Missing
    from playhead.lms.models import Course

    found = Course.objects.filter(organisation=organisation_id, key=key).first()
    if found is None:
        raise Missing("no_such_course", f"There is no course {key}.")
    return found
