"""Every setting of Playhead, and the only module that reads the environment.

All of them have defaults that run a small school on one machine from one folder; `docs/reference/settings.md`
lists them for operators. Django reads this module as its settings module.
"""

import os
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from playhead.secrets import Secrets


def _text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def _number(name: str, default: int, *, least: int, most: int) -> int:
    text = _text(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SystemExit(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _flag(name: str, *, default: bool) -> bool:
    text = _text(name, "1" if default else "0").lower()
    if text not in {"0", "1", "false", "true", "no", "yes"}:
        raise SystemExit(f"{name} must be 0 or 1, not {text!r}.")
    return text in {"1", "true", "yes"}


def _one_of(name: str, default: str, *others: str) -> str:
    text = _text(name, default).lower()
    if text not in {default, *others}:
        raise SystemExit(f"{name} must be {' or '.join((default, *others))}, not {text!r}.")
    return text


def _list(name: str, default: str) -> list[str]:
    return [item.strip() for item in _text(name, default).split(",") if item.strip()]


def _ports(name: str, default: str) -> list[int]:
    listed = _list(name, default)
    if not all(port.isascii() and port.isdigit() and 1 <= int(port) <= 65535 for port in listed):
        raise SystemExit(f"{name} must be a list of ports such as {default}.")
    return [int(port) for port in listed]


def _networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(network) for network in _list(name, default)]
    except ValueError as error:
        raise SystemExit(f"{name} must be a list of networks such as 10.1.0.0/16: {error}.") from None


# --- What an operator sets -------------------------------------------------------------------------------------

# The one folder in which the default deployment keeps everything: databases, secrets, media.
PLAYHEAD_DATA = Path(_text("PLAYHEAD_DATA", "playhead-data")).expanduser().resolve()
# The address that `playhead serve` and `demo` listen on: 0.0.0.0 for every network this machine is in.
PLAYHEAD_BIND = _text("PLAYHEAD_BIND", "127.0.0.1")
# The port they listen on.
PORT = _number("PORT", 8000, least=1, most=65535)
# Empty: SQLite files in PLAYHEAD_DATA. Else postgresql://user:password@host:port/name for site and tracking both.
PLAYHEAD_DATABASE_URL = _text("PLAYHEAD_DATABASE_URL", "")
# Host names the site answers to.
ALLOWED_HOSTS = _list("PLAYHEAD_HOSTS", "localhost,127.0.0.1,[::1]")
# 1: take unverified events (`/api/analytics`) from pages of no integration, too. Nothing is credited by them.
PLAYHEAD_UNVERIFIED_EVENTS = _flag("PLAYHEAD_UNVERIFIED_EVENTS", default=False)
# Other origins, such as https://school.example, that its forms may be sent from.
CSRF_TRUSTED_ORIGINS = _list("PLAYHEAD_ORIGINS", "")
# 1 behind HTTPS: cookies only travel encrypted, and a proxy's X-Forwarded-Proto is believed.
PLAYHEAD_HTTPS = _flag("PLAYHEAD_HTTPS", default=False)
# Django's debug pages. Never in a school.
DEBUG = _flag("PLAYHEAD_DEBUG", default=False)
# Refused log-ins, per account and network, before a pause.
PLAYHEAD_LOGIN_TRIES = _number("PLAYHEAD_LOGIN_TRIES", 5, least=1, most=100)
# How long that pause is, in minutes.
PLAYHEAD_LOGIN_PAUSE_MIN = _number("PLAYHEAD_LOGIN_PAUSE_MIN", 15, least=1, most=1440)
# Reverse proxies in front of the site whose X-Forwarded-For is believed.
PLAYHEAD_PROXIES = _number("PLAYHEAD_PROXIES", 0, least=0, most=10)
# How e-mail is sent: smtps://user:password@host:465, or smtp:// for STARTTLS, or smtp+plain:// within a network of
# one's own; console: prints it; empty: none is sent, and links are shown instead.
PLAYHEAD_EMAIL_URL = _text("PLAYHEAD_EMAIL_URL", "")
# Whom that e-mail comes from.
PLAYHEAD_EMAIL_FROM = _text("PLAYHEAD_EMAIL_FROM", "Playhead <playhead@localhost>")
# How long a link for a new password, or for a new e-mail address, holds, in minutes.
PLAYHEAD_RESET_MIN = _number("PLAYHEAD_RESET_MIN", 60, least=5, most=1440)
# An operator's own MMDB file (MaxMind's format) that tells the country of a network; empty: no country is looked up.
PLAYHEAD_COUNTRY_FILE = _text("PLAYHEAD_COUNTRY_FILE", "")
# The request header in which a proxy of one's own tells the country, such as CF-IPCountry; believed only behind one.
PLAYHEAD_COUNTRY_HEADER = _text("PLAYHEAD_COUNTRY_HEADER", "")
# Batches that may wait for the disk before the collector answers 503.
PLAYHEAD_QUEUE = _number("PLAYHEAD_QUEUE", 4096, least=1, most=1_000_000)
# Where packaged videos lie, encrypted: a folder, or s3://bucket/prefix?endpoint=https://...&region=...; empty: the
# folder `videos` in PLAYHEAD_DATA.
PLAYHEAD_STORE = _text("PLAYHEAD_STORE", "") or str(PLAYHEAD_DATA / "videos")
# The file with the keys they are locked with; empty: `media-keys.json` in PLAYHEAD_DATA. Keep it, and its backup, apart
# from the videos.
PLAYHEAD_MEDIA_KEYS = Path(_text("PLAYHEAD_MEDIA_KEYS", "") or PLAYHEAD_DATA / "media-keys.json").expanduser().resolve()
# Behind nginx: the internal location that leads to PLAYHEAD_STORE, such as /stored/; nginx then sends the segments.
PLAYHEAD_ACCEL = _text("PLAYHEAD_ACCEL", "")
# Who records: `beside`, a process that the server starts beside itself; `here`, a thread of the server; `elsewhere`,
# `playhead collect` on this machine, to which `serve` hands everything over a local socket. On PostgreSQL every server
# records for itself, and `elsewhere` is for `serve` what `here` is.
PLAYHEAD_RECORDER = _one_of("PLAYHEAD_RECORDER", "beside", "here", "elsewhere")
# How the log on stderr reads: `text` for people, `json` for programs (one object a line). Neither names a viewer.
PLAYHEAD_LOG = _one_of("PLAYHEAD_LOG", "text", "json")
# After how many minutes at most what was received is sealed into the archive and the lake.
PLAYHEAD_SEAL_MIN = _number("PLAYHEAD_SEAL_MIN", 15, least=1, most=1440)
# After how many days the text of a sealed report leaves the database, for the archive alone; 0 for never.
PLAYHEAD_JOURNAL_DAYS = _number("PLAYHEAD_JOURNAL_DAYS", 90, least=0, most=3650)
# Where scheduled exports go: a folder, or s3://bucket/prefix?endpoint=https://...&region=...; empty: none are made.
PLAYHEAD_EXPORTS = _text("PLAYHEAD_EXPORTS", "")
# Requests a minute that one API key may make of one process of the server.
PLAYHEAD_API_RATE = _number("PLAYHEAD_API_RATE", 600, least=1, most=1_000_000)
# The ports that callbacks to other systems may go to.
PLAYHEAD_CALLBACK_PORTS = _ports("PLAYHEAD_CALLBACK_PORTS", "443,8443")
# Networks of one's own that callbacks may go to, such as 10.1.0.0/16; all other private ones are refused.
PLAYHEAD_CALLBACK_NETWORKS = _networks("PLAYHEAD_CALLBACK_NETWORKS", "")
# 1: callbacks may go to this machine too, by plain http, for trying things out. Never in a school.
PLAYHEAD_CALLBACK_LOCAL = _flag("PLAYHEAD_CALLBACK_LOCAL", default=False)
# After how many days a message that was delivered, and its trail, leave; 0 for never. What waits or was given up stays.
PLAYHEAD_CALLBACK_DAYS = _number("PLAYHEAD_CALLBACK_DAYS", 30, least=0, most=3650)

# --- What follows from it --------------------------------------------------------------------------------------

PLAYHEAD_MEDIA = PLAYHEAD_DATA / "media"
# Uploads on their way in, and the table packaging works on: both are cleared, neither is worth a backup.
PLAYHEAD_INCOMING = PLAYHEAD_DATA / "incoming"
PLAYHEAD_DESK = PLAYHEAD_DATA / "desk"
# The archive is truth: back it up with the databases. The lake follows from it (`playhead rebuild analytics`).
PLAYHEAD_ARCHIVE = PLAYHEAD_DATA / "archive"
PLAYHEAD_LAKE = PLAYHEAD_DATA / "lake"
PLAYHEAD_SECRETS = Secrets(PLAYHEAD_DATA)
SECRET_KEY = PLAYHEAD_SECRETS.site_key

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # `urls` names our own site: nothing is looked for at the start
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "playhead.recorder",
    "playhead.analytics",
    "playhead.callbacks",
    "playhead.exports",
    "playhead.media",
    "playhead.providers",
    "playhead.lms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "playhead.lms.hashed_files.HashedStatic",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "playhead.lms.middleware.SeenSessions",
    "playhead.lms.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "playhead.lms.middleware.ErrorAnswers",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

ROOT_URLCONF = "playhead.urls"
CSRF_FAILURE_VIEW = "playhead.lms.errors.csrf_failed"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: an acknowledged write survives a power cut (NORMAL in WAL mode does not).
            # 16 MB of pages: a class's rows lie among those of the whole school, and are gone through for each video.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-16384;",
        },
    }


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SystemExit("PLAYHEAD_DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
    }


# "tracking" is what the recorder owns. With SQLite it is a file of its own, so that the site's writes never make a
# viewer wait; with PostgreSQL it is the same database under a second name. What the recorder connects to:
TRACKING_DATABASE = PLAYHEAD_DATABASE_URL or str(PLAYHEAD_DATA / "tracking.sqlite3")
DATABASES = (
    {"default": _postgres(PLAYHEAD_DATABASE_URL), "tracking": _postgres(PLAYHEAD_DATABASE_URL)}
    if PLAYHEAD_DATABASE_URL
    else {"default": _sqlite(PLAYHEAD_DATA / "site.sqlite3"), "tracking": _sqlite(PLAYHEAD_DATA / "tracking.sqlite3")}
)
DATABASE_ROUTERS = ["playhead.recorder.router.TrackingRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "lms.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "playhead.lms.backends.NameOrEmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = PLAYHEAD_LOGIN_TRIES
AXES_COOLOFF_TIME = PLAYHEAD_LOGIN_PAUSE_MIN / 60
AXES_HANDLER = "playhead.lms.throttle.ThreeBudgets"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_USERNAME_CALLABLE = "playhead.lms.throttle.typed_name"
AXES_CLIENT_IP_CALLABLE = "playhead.lms.network.client_network"
# The pause ends when it was said to, however often somebody tries meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "playhead.lms.views.auth.throttled"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False


def _email(url: str) -> dict[str, Any]:
    """Django's settings for a PLAYHEAD_EMAIL_URL; certificates are checked wherever there is encryption."""
    parts = urlsplit(url)
    if url in {"", "console:"}:
        kind = "console" if url else "dummy"
        return {"EMAIL_BACKEND": f"django.core.mail.backends.{kind}.EmailBackend"}
    ports = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
    if parts.scheme not in ports or not parts.hostname:
        raise SystemExit("PLAYHEAD_EMAIL_URL must look like smtps://user:password@host:465, or be console: or empty.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_TIMEOUT": 15,
    }


globals().update(_email(PLAYHEAD_EMAIL_URL))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = PLAYHEAD_EMAIL_FROM
PASSWORD_RESET_TIMEOUT = PLAYHEAD_RESET_MIN * 60

SESSION_ENGINE = "playhead.lms.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_LIFE = timedelta(seconds=SESSION_COOKIE_AGE)
SESSION_COOKIE_NAME = "__Host-playhead" if PLAYHEAD_HTTPS else "playhead"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PLAYHEAD_HTTPS
CSRF_COOKIE_NAME = "__Host-playhead-csrf" if PLAYHEAD_HTTPS else "playhead-csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if PLAYHEAD_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PLAYHEAD_HTTPS else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF, "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
# The time zone of what pages show, by its IANA name, such as Europe/Madrid.
TIME_ZONE = _text("PLAYHEAD_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "playhead.lms.hashed_files.HashedFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600  # under a plain name; see lms/hashed_files.py

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "playhead.logs.Lines"}, "json": {"()": "playhead.logs.Json"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": PLAYHEAD_LOG}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},  # it tells of every request
    },
}
