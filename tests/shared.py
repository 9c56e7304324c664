"""Real data that is too large for the repository: beside the checkout, or where PLAYHEAD_SHARED says."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("PLAYHEAD_SHARED", Path(__file__).parents[2] / "shared"))
STATEMENTS = SHARED / "data" / "fun-mooc-video-statements.json.gz"
WITHOUT_STATEMENTS = f"left out: {STATEMENTS} is absent (set PLAYHEAD_SHARED to the folder that holds data/)"
