"""How the log reads: a line for people, or a JSON object a line for programs; neither tells who somebody is.

Whatever looks like a ticket, another secret or an e-mail address is taken out, wherever it comes from: what a library
or a traceback says is not in our hands. Nothing of ours logs a name, an address of a viewer or a body.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Final

_SECRETS: Final = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[ticket]"),
    (re.compile(r"\b(?:whsec_|pk_|sk_|v1,)[\w+/=-]{8,}"), "[secret]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?i)\b((?:jwt|ticket|token|key|password|signature)=)[^&\s\"']+"), r"\1[secret]"),
    (re.compile(r"(://[^/\s:@]*:)[^@\s]+@"), r"\1[secret]@"),
)
# What every record has; whatever else is on one was given as `extra`.
_GIVEN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def without_secrets(text: str) -> str:
    for looks_like, instead in _SECRETS:
        text = looks_like.sub(instead, text)
    return text


class Lines(logging.Formatter):
    """One line, and a traceback below it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class Json(logging.Formatter):
    """One object a line: when (UTC), how grave, who says so, what, and in `error` what it failed at."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
        }
        told |= {name: value for name, value in vars(record).items() if name not in _GIVEN}
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        cleaned = {name: without_secrets(said) if isinstance(said, str) else said for name, said in told.items()}
        return json.dumps(cleaned, ensure_ascii=False, default=lambda other: without_secrets(str(other)))
