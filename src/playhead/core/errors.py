"""The one ladder of errors. Every edge (HTTP, commands) maps a kind to its own language in one place: here for HTTP.

The kinds are named as a sentence reads ("raise Missing"), not with the suffix a linter would like.
A caller reads `code`, a short name out of the contract; a person reads `detail`, which never holds a secret.
"""
# ruff: noqa: N818

from typing import ClassVar

PROBLEM_CONTENT_TYPE = "application/problem+json"


class PlayheadError(Exception):
    """An expected refusal. `extra` ends up as members of the problem document (RFC 9457 section 3.2)."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, code: str, detail: str = "", **extra: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class Invalid(PlayheadError):
    """What was sent is not what the contract says; sending it again cannot help."""

    status = 400
    title = "Not what was agreed"


class Unauthorised(PlayheadError):
    """Nobody we know, or no longer."""

    status = 401
    title = "Not signed in"


class Forbidden(PlayheadError):
    """Somebody we know, who may not do this."""

    status = 403
    title = "Not allowed"


class Missing(PlayheadError):
    """There is no such thing, or none that this person may know of."""

    status = 404
    title = "Not found"


class Conflict(PlayheadError):
    """It contradicts what is already stored."""

    status = 409
    title = "Contradicts what is stored"


class Stale(PlayheadError):
    """It has changed since the caller looked."""

    status = 412
    title = "Changed meanwhile"


class TooLarge(PlayheadError):
    """Over a limit of `core.limits`."""

    status = 413
    title = "Too large"


class Retryable(PlayheadError):
    """Nothing was stored: the same thing may be sent again after `retry_after_s` seconds (HTTP `Retry-After`)."""

    status = 503
    title = "Not now"

    def __init__(self, code: str, detail: str = "", *, retry_after_s: int, **extra: object) -> None:
        super().__init__(code, detail, **extra)
        self.retry_after_s = retry_after_s


class TooMany(Retryable):
    """The caller goes too fast."""

    status = 429
    title = "Too many requests"


class Unavailable(Retryable):
    """The server cannot store anything at the moment."""

    status = 503
    title = "Not available at the moment"


class StorageFull(Retryable):
    """The server's disk is full."""

    status = 507
    title = "No space left"


def problem(error: PlayheadError) -> dict[str, object]:
    """The error as a problem document (RFC 9457); the five members of ours win over anything in `extra`."""
    return {
        **error.extra,
        "type": f"urn:playhead:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
