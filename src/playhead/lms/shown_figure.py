"""A figure as a page shows it: with its words, and with the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as plain_escape
from typing import Any

from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from playhead.analytics.figures import Figure


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """`key` names it on the page; `rows` say in a table what the figure draws."""

    key: str
    title: str
    about: str
    figure: Figure
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def script_id(self) -> str:
        """Of the element that holds the figure as JSON."""
        return f"figure-{self.key}"

    @property
    def body(self) -> SafeString:
        """The rows of the table: a tag of a template for each of their cells would take longer than all the rest."""
        return mark_safe("".join(map(_row, self.rows)))  # noqa: S308  escaped cell by cell


def _row(cells: Sequence[Any]) -> str:
    first, *rest = map(_cell, cells)
    numbers = "".join(f'<td class="number">{cell}</td>' for cell in rest)
    return f'<tr><th scope="row">{first}</th>{numbers}</tr>'


def _cell(cell: Any) -> str:
    """Texts and small numbers are most of them, and need no look at how the language writes numbers."""
    if isinstance(cell, str):
        return plain_escape(cell)
    return str(cell) if type(cell) is int and 0 <= cell < 1000 else escape(localize(cell))


def share(percent: float) -> str:
    return _("%(number)d %%") % {"number": int(percent)}
