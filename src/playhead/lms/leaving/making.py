"""Making an export for a browser: in a file without a name, gone when it is sent, and few at a time."""

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.http import FileResponse

from playhead.core import limits
from playhead.core.errors import Invalid, Unavailable
from playhead.exports.formats import FORMATS, plain_name, write_file
from playhead.lms.leaving.tables import Scope, table_of

_free: Final = threading.BoundedSemaphore(limits.EXPORTS_AT_ONCE)
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}


def export_answer(table: str, form: str, scope: Scope, *, name: str) -> FileResponse:
    """A table as a file to be kept. Raises Missing, Invalid, and Unavailable while others are being made."""
    found = table_of(table)
    if form not in FORMATS:
        raise Invalid("format_unknown", f"A format is one of {', '.join(FORMATS)}.")
    return file_answer(
        lambda path: write_file(form, path, found.columns, found.rows(scope)), f"{plain_name(name)}-{table}.{form}"
    )


def file_answer(make: Callable[[Path], int], name: str) -> FileResponse:
    """What `make` writes, under this name. Raises Unavailable while too many others are being made."""
    if not _free.acquire(blocking=False):
        raise Unavailable("exports_busy", "Other exports are being made right now; try again soon.", retry_after_s=10)
    try:
        with tempfile.TemporaryDirectory(prefix="playhead-export-") as folder:
            path = Path(folder) / name
            make(path)
            # Open, it outlives its name: what is being sent needs no clearing up.
            response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    finally:
        _free.release()
    response["Content-Type"] = TYPES[name.rpartition(".")[2]]
    response["Cache-Control"] = "no-store"
    return response
