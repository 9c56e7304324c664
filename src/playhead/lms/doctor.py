"""What may be wrong with the deployment as a whole: the tracking side's findings, and the site's own."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.staticfiles import finders
from django.core import mail
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from playhead.analytics.class_map import rows_behind
from playhead.core import limits
from playhead.core.errors import PlayheadError
from playhead.lms.callback_doctor import callbacks
from playhead.lms.models import User
from playhead.lms.seed import PASSWORD
from playhead.media.ffmpeg import find_ffmpeg
from playhead.recorder import doctor as tracking
from playhead.recorder.doctor import Finding, Level, examine

_BUILT: Final = ("playhead/watch.js", "playhead/pico.classless.min.css", "lms/site.css")
_LOCAL: Final = {"localhost", "127.0.0.1", "[::1]", "::1"}
_DEMO_ACCOUNTS: Final = ("alice", "bob", "charlie", "admin")


def findings() -> list[Finding]:
    """Everything `playhead doctor` and the system page say, migrations first: the rest may follow from them."""
    site = (
        (_("settings"), site_settings),
        (_("accounts"), demo_accounts),
        (_("static files"), static_files),
        (_("e-mail"), email),
        (_("video tools"), video_tools),
        (_("class sums"), rollups),
        (_("callbacks"), callbacks),
    )
    return examine([(_("migrations"), migrations)]) + tracking.findings() + examine(site)


def pending() -> dict[str, list[str]]:
    """The migrations that wait, by database; empty when everything is up to date."""
    # On PostgreSQL both names mean one database, and its migrations are written down once, under "default".
    aliases = ["default"] if settings.PLAYHEAD_DATABASE_URL else list(connections)
    waiting: dict[str, list[str]] = {}
    for alias in aliases:
        executor = MigrationExecutor(connections[alias])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            waiting[alias] = [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
    return waiting


def migrations() -> Iterator[Finding]:
    names = sorted({name for names in pending().values() for name in names})
    if names:
        said = _("%(count)d migrations wait: %(names)s.") % {"count": len(names), "names": ", ".join(names[:5])}
        remedy = _("Stop the server and run `playhead migrate`.")
        yield Finding(Level.PROBLEM, _("migrations"), said, remedy)
    else:
        yield Finding(Level.OK, _("migrations"), _("The databases are what this version expects."))


def site_settings() -> Iterator[Finding]:
    about, problems = _("settings"), []
    if settings.DEBUG:
        said = _("Debug pages are on: they show everybody how the site is made.")
        problems.append(Finding(Level.PROBLEM, about, said, _("Unset PLAYHEAD_DEBUG.")))
    if "*" in settings.ALLOWED_HOSTS:
        said = _("The site answers to any host name, so links in e-mail can be made to lead elsewhere.")
        problems.append(Finding(Level.PROBLEM, about, said, _("Name the school's own hosts in PLAYHEAD_HOSTS.")))
    if not settings.PLAYHEAD_HTTPS and not _only_here():
        said = _("The site can be reached from elsewhere, and cookies travel unencrypted.")
        remedy = _("Put it behind HTTPS and set PLAYHEAD_HTTPS=1.")
        problems.append(Finding(Level.WARNING, about, said, remedy))
    if settings.PLAYHEAD_HTTPS and not settings.PLAYHEAD_PROXIES:
        said = _("HTTPS is on, but no proxy is believed: all log-ins seem to come from one address.")
        remedy = _("Set PLAYHEAD_PROXIES to the number of proxies in front.")
        problems.append(Finding(Level.WARNING, about, said, remedy))
    yield from problems or [Finding(Level.OK, about, _("Nothing is set that a school should not have."))]


def _only_here() -> bool:
    """Whether nobody but this machine is meant to reach the site."""
    return settings.PLAYHEAD_BIND in _LOCAL and set(settings.ALLOWED_HOSTS) <= _LOCAL


def demo_accounts() -> Iterator[Finding]:
    """The demo's password is printed in its documentation."""
    held = User.objects.filter(username__in=_DEMO_ACCOUNTS, is_active=True).values_list("username", "password")
    open_to_all = sorted(username for username, encoded in held if check_password(PASSWORD, encoded))
    about, names = _("accounts"), {"names": ", ".join(open_to_all)}
    if not open_to_all:
        yield Finding(Level.OK, about, _("No account has the demo's password."))
    elif _only_here():
        yield Finding(Level.OK, about, _("%(names)s have the demo's password; only this machine gets here.") % names)
    else:
        remedy = _("Disable these accounts, or give them other passwords.")
        yield Finding(Level.PROBLEM, about, _("%(names)s have the demo's password, which all know.") % names, remedy)


def static_files() -> Iterator[Finding]:
    missing = [name for name in _BUILT if finders.find(name) is None]
    if missing:
        said = _("Not built: %(names)s. Pages will not track anything.") % {"names": ", ".join(missing)}
        yield Finding(Level.PROBLEM, _("static files"), said, _("Run `make install`."))
    else:
        yield Finding(Level.OK, _("static files"), _("The player's scripts and the styles are built."))


def email() -> Iterator[Finding]:
    """Whether somebody takes the site's e-mail: a connection is made and closed, nothing is sent."""
    about, kind = _("e-mail"), settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if kind != "smtp":
        said = _("None is sent; links for new passwords and invitations are shown or printed instead.")
        yield Finding(Level.WARNING, about, said, _("Set PLAYHEAD_EMAIL_URL to the school's mail server."))
        return
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        connection = mail.get_connection()
        connection.open()
        connection.close()
    except OSError as error:
        said = _("%(server)s does not take our e-mail: %(error)s") % {"server": server, "error": error}
        yield Finding(Level.PROBLEM, about, said, _("Check PLAYHEAD_EMAIL_URL and the network."))
    else:
        yield Finding(Level.OK, about, _("%(server)s takes our e-mail.") % {"server": server})


def video_tools() -> Iterator[Finding]:
    try:
        yield Finding(Level.OK, _("video tools"), find_ffmpeg())
    except PlayheadError as missing:
        said = _("There is no ffmpeg: the length of uploaded files must be typed in.")
        yield Finding(Level.WARNING, _("video tools"), said, missing.detail)


def rollups() -> Iterator[Finding]:
    """How far the sums of classes are behind the journal; pages add a bounded tail themselves."""
    rows = rows_behind()
    said = _("%(rows)d records are not summed up yet.") % {"rows": rows}
    if rows > limits.ROLLUP_TAIL_ROWS:
        remedy = _(
            "A running server catches up by itself; if this does not fall, see its log, or `playhead rebuild --sums`."
        )
        yield Finding(Level.WARNING, _("class sums"), said, remedy)
    else:
        yield Finding(Level.OK, _("class sums"), said)
