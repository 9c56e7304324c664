"""Every code has words, and what the server says is what the page script says."""

import re
from pathlib import Path

from playhead.core.credit import Reason
from playhead.lms import words
from playhead.recorder.state import CLOCK, CLOCK_AND_DELIVERY, IMPORTED

SCRIPT = Path(__file__).parents[2] / "tracker" / "pages" / "words.ts"


def test_every_reason_has_words() -> None:
    assert set(words.REASONS) == {reason.value for reason in Reason}


def test_every_evidence_level_has_words() -> None:
    assert set(words.EVIDENCE) == {CLOCK, CLOCK_AND_DELIVERY, IMPORTED, "override", ""}


def test_the_page_script_says_the_same() -> None:
    told = dict(re.findall(r'refused_(\w+):\s*"([^"]*)"', SCRIPT.read_text()))
    assert told == {code: str(said.sentence) for code, said in words.REASONS.items()}


def test_a_code_nobody_knows_is_shown_as_it_is() -> None:
    assert words.reason("brand_new").sentence == "brand_new"
    assert words.evidence("brand_new").short == "brand_new"
