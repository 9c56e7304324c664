"""A figure as a page shows it: with its words, and with the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


def share(percent: float) -> str:
    return _("%(number)d %%") % {"number": int(percent)}
