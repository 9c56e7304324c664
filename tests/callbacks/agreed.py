"""What is sent, held against the schema of its type in `contract/`."""

import json
from typing import Any

from jsonschema import Draft202012Validator, validate

from scripts.docs import ROOT


def check_agreed(told: dict[str, Any]) -> None:
    """Raises ValidationError for a message that is not as its schema says, FileNotFoundError for one without."""
    kept = json.loads((ROOT / "contract" / "callbacks" / f"{told['type']}.json").read_text())
    validate(told, kept["schema"], cls=Draft202012Validator)
