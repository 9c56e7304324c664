"""Our server with something changed, for measurements: each module changes it, then runs the product's own command."""

from typing import Final

QUESTIONS: Final = "questions"
"""Of a data folder: a file that gets a byte with each question of the live view (`asking`)."""
