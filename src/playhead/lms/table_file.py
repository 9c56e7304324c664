"""Tables for other programs: CSV (RFC 4180), UTF-8 with a mark at its start, which spreadsheets want to see."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

_MARK = "\ufeff"


def csv_answer(name: str, rows: Iterable[Sequence[str | int]]) -> HttpResponse:
    """A file of that name to be kept."""
    text = StringIO()
    csv.writer(text).writerows([_harmless(value) for value in row] for row in rows)
    response = HttpResponse(_MARK + text.getvalue(), content_type="text/csv; charset=utf-8")
    plain = re.sub(r"[^\w.+-]+", "-", name, flags=re.ASCII).strip("-") or "table"
    response["Content-Disposition"] = f'attachment; filename="{plain}.csv"'
    return response


def _harmless(value: str | int) -> str | int:
    """Spreadsheets take a text that begins like this for a formula, and run it: a name must stay a name."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
