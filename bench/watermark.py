"""The mark over the picture: in how many of SCREENSHOTS (100) it is to be seen, and how soon tampering is noticed.

In Chromium, half of the screenshots of a picture that fills the screen; the same as tests/e2e/test_watermark.py.
"""

import asyncio
import os

from bench.kit.rows import Row
from tests.e2e.test_watermark import NOTICED_MS, bundled, noticed_after, seen_in

SCREENSHOTS = int(os.environ.get("SCREENSHOTS", "100"))


def measure() -> list[Row]:
    script = bundled()
    seen, imagined = asyncio.run(seen_in(script, SCREENSHOTS))
    took = asyncio.run(noticed_after(script))
    rows = [
        Row(name, ms, "ms", f"<= {NOTICED_MS}", ms <= NOTICED_MS, f"noticed as {how}")
        for name, (how, ms) in took.items()
    ]
    return [
        Row("screenshots with the mark in them", seen, "", f"= {SCREENSHOTS}", seen == SCREENSHOTS),
        Row("times it was believed touched, untouched", imagined, "", "0", imagined == 0),
        *rows,
    ]
