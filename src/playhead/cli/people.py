"""`admin`: an account that runs the site, made or mended from the machine it runs on."""

from typing import TYPE_CHECKING

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import start_django

if TYPE_CHECKING:
    from playhead.lms.models import User


@click.command(short_help="Make an admin, or let one who lost the password in again.")
@click.argument("username")
@click.option("--name", default="", help="As others see it; by default the username.")
@click.option("--email", default="", help="For letters, and to log in by.")
@click.password_option(help="Asked for when it is not given; on the command line others may see it.")
def admin(username: str, name: str, email: str, password: str) -> None:
    """Make USERNAME an admin: of an account that is there already, rights and password are set anew.

    Works beside a running server. The other way to the first admin is the link that `playhead serve` prints while
    nobody has an account. Whoever may run this command owns the folder anyway.

    \b
    Example:
      playhead admin ada --email ada@school.example

    \b
    Exit codes: 0 done · 1 the name, address or password cannot be used; the reason is on stderr · 2 called wrongly
    """
    start_django()
    require_up_to_date()
    made = _admin(username, name=name, email=email, password=password)
    click.echo(f"{username} is {'an admin now' if made else 'an admin with a new password'}.")


def _admin(username: str, *, name: str, email: str, password: str) -> bool:
    """Whether the account is new."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from playhead.lms.models import User, default_organisation

    there = User.objects.filter(username__iexact=username).first()
    user = there or User(username=username, organisation_id=default_organisation())
    user.name, user.email = name or user.name or username, email or user.email
    user.is_superuser = user.is_staff = user.is_active = True
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    _save(user)
    return there is None


def _save(user: "User") -> None:
    """With the new password every session of the account is over."""
    from django.db import transaction

    with transaction.atomic():
        user.save()
        user.login_sessions.all().delete()
