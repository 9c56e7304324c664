"""Every code has words, and what the server says is what the page script says."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from playhead.core.credit import Reason
from playhead.lms import words
from playhead.recorder.state import CLOCK, CLOCK_AND_DELIVERY, IMPORTED, INFERRED
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])

CONTRACT = Path(__file__).parents[2] / "contract"
SCRIPT = Path(__file__).parents[2] / "tracker" / "pages" / "words.ts"


def test_every_reason_has_words() -> None:
    assert set(words.REASONS) == {reason.value for reason in Reason}


def test_the_contract_shows_every_reason() -> None:
    answers = [json.loads(path.read_text())["body"] for path in (CONTRACT / "answers").glob("*.json")]
    assert {one["reason"] for body in answers for one in body["refusals"]} == {reason.value for reason in Reason}


def test_every_evidence_level_has_words() -> None:
    assert set(words.EVIDENCE) == {INFERRED, CLOCK, CLOCK_AND_DELIVERY, IMPORTED, "override", ""}


def test_the_page_brings_the_same_sentences_to_its_script(school: School) -> None:
    page = school.client("bob").get(reverse("watch", args=[school.film.key])).content.decode()
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', page)
    assert found
    assert json.loads(found[1]) == {f"refused_{code}": str(said.sentence) for code, said in words.REASONS.items()}
    assert "refused_" not in SCRIPT.read_text().replace("refused_${code}", "").replace("refused_REASON", "")


def test_a_code_nobody_knows_is_shown_as_it_is() -> None:
    assert words.reason("brand_new").sentence == "brand_new"
    assert words.evidence("brand_new").short == "brand_new"
