"""Certificates: made when all is watched, checked against the ledger, and noticed when one figure is changed."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from playhead.lms import completion
from playhead.lms.certificates.facts import read
from playhead.lms.certificates.issuing import certificate_of, checked
from playhead.lms.certificates.letters import REGULAR, runs
from playhead.lms.models import Certificate, Video
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
LENGTH_MS = 60_000


@pytest.fixture
def school(live_school: School, clock: HandClock) -> School:
    """Bob has watched both films to their ends, and has no certificate yet."""
    Video.objects.filter(course=live_school.course).update(duration_ms=LENGTH_MS)
    for video in (live_school.film, live_school.link):
        watch_to_the_end(live_school, video, clock)
    return live_school


def watch_to_the_end(school: School, video: Video, clock: HandClock) -> None:
    opened = school.client("bob").post(reverse("open-playback"), {"video": video.key}, content_type="application/json")
    watch(opened.json(), clock, [(at, at + 10_000) for at in range(0, LENGTH_MS, 10_000)])


def issued(school: School, by: str = "bob") -> Certificate:
    address = reverse("issue-certificate", args=[school.course.key, school.bob.key])
    assert school.client(by).post(address).status_code == 302
    made = certificate_of(school.course, school.bob)
    assert made is not None
    return Certificate.objects.get(pk=made.pk)


def link(certificate: Certificate, route: str = "certificate") -> str:
    return reverse(route, args=[certificate.key, certificate.fingerprint])


def page(school: School, certificate: Certificate, who: str = "anonymous") -> str:
    answer = school.client(who).get(link(certificate))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_student_who_is_done_gets_one_that_anybody_can_check(school: School) -> None:
    offered = school.client("bob").get(reverse("course", args=[school.course.key])).content.decode()
    assert "Get your certificate" in offered
    made = issued(school)
    facts = read(made.facts)
    assert facts.name == "Bob Brown"
    # Of each of the six claims 120 ms are given for timers' error (the credit rule's price).
    sums = [(video.covered_ms, video.watched_ms, video.paid_ms) for video in facts.videos]
    assert sums == [(60_000, 60_000, 60_000 - 6 * 120)] * 2
    assert "This certificate holds." in page(school, made)
    paper = school.client("anonymous").get(link(made, "certificate-paper"))
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


def test_asked_for_again_it_is_the_same(school: School) -> None:
    first = issued(school)
    assert issued(school, by="alice").pk == first.pk
    assert Certificate.objects.count() == 1


def test_watching_again_changes_nothing(school: School, clock: HandClock) -> None:
    made = issued(school)
    watch_to_the_end(school, school.film, clock)
    assert checked(made).holds


@pytest.mark.parametrize("figure", ["credit_ms", "fresh_ms", "paid_ms"])
def test_a_changed_ledger_is_noticed(school: School, figure: str) -> None:
    made = issued(school)
    with connections["tracking"].cursor() as cursor:
        cursor.execute(f"UPDATE recorder_ledgerline SET {figure} = {figure} + 1 WHERE journal_id = ("
                       "SELECT MIN(journal_id) FROM recorder_ledgerline)")  # fmt: skip
    assert checked(made).changed == ("The first film",)
    assert "does not hold any more" in page(school, made)


def test_a_changed_figure_in_what_is_kept_is_noticed(school: School) -> None:
    made = issued(school)
    for number in set(re.findall(r"\d{3,}", made.facts)):
        changed = made.facts.replace(number, str(int(number) + 1), 1)
        Certificate.objects.filter(pk=made.pk).update(facts=changed)
        assert not checked(Certificate.objects.get(pk=made.pk)).holds, number
    assert "does not hold" in page(school, made)


def test_a_changed_link_is_no_link(school: School) -> None:
    made = issued(school)
    wrong = ("0" if made.fingerprint[0] != "0" else "1") + made.fingerprint[1:]
    assert school.client("anonymous").get(reverse("certificate", args=[made.key, wrong])).status_code == 404


def test_a_changed_file_is_not_the_file(school: School) -> None:
    made = issued(school)
    true = bytes(made.paper)
    middle = true.index(b"stream") + 40
    other = true[:middle] + bytes([true[middle] ^ 1]) + true[middle + 1 :]
    for paper, said in ((true, "to the last byte"), (other, "This is not the file"), (b"", "This is not the file")):
        sent = {"paper": SimpleUploadedFile("certificate.pdf", paper)}
        answer = school.client("anonymous").post(link(made), sent)
        assert said in answer.content.decode()


def test_a_teacher_withdraws_it_and_its_link_says_so(school: School) -> None:
    made = issued(school)
    where = link(made, "withdraw-certificate")
    assert [school.client(who).post(where, {"reason": "r"}).status_code for who in ("bob", "olga")] == [403, 403]
    assert school.client("alice").post(where, {"reason": ""}).status_code == 400
    assert school.client("alice").post(where, {"reason": "A mix-up of names"}).status_code == 302
    assert "A mix-up of names" in page(school, made)
    assert school.client("alice").post(where, {"reason": "again"}).status_code == 409
    assert issued(school).pk != made.pk
    trail = school.client("alice").get(reverse("trail", args=[school.course.key])).content.decode()
    assert "Certificate withdrawn" in trail


def test_a_teachers_word_counts_and_is_said(live_school: School) -> None:
    address = reverse("issue-certificate", args=[live_school.course.key, live_school.bob.key])
    assert live_school.client("bob").post(address).status_code == 409
    for video in (live_school.film, live_school.link):
        completion.override(video, live_school.bob, by=live_school.alice, reason="Seen in class")
    made = issued(live_school)
    assert [video.by_word for video in read(made.facts).videos] == [True, True]
    assert "by a teacher’s word" in page(live_school, made)


def test_teachers_are_given_none(school: School) -> None:
    address = reverse("issue-certificate", args=[school.course.key, school.alice.key])
    assert school.client("alice").post(address).status_code == 403


NAMES = {
    "Łukasz Żółć": ["NotoSans"], "Nguyễn Thị Minh Khai": ["NotoSans"], "Александр Ёлкин": ["NotoSans"],
    "Γιώργος Παπαδόπουλος": ["NotoSans"], "محمد عبد الله": ["NotoSansArabic"], "דוד כהן": ["NotoSansHebrew"],
    "अमिताभ क्षत्रिय": ["NotoSans"], "শ্রীমতী রবীন্দ্রনাথ": ["NotoSansBengali"], "தமிழ் செல்வன்": ["NotoSansTamil"],
    "สมชาย ใจดี": ["NotoSansThai"], "김철수": ["NanumGothic"], "山田太郎 さくら": ["NotoSansSC"], "张伟": ["NotoSansSC"],
    "გიორგი": ["DejaVuSans"], "Արամ Khachaturian": ["DejaVuSans", "NotoSans"],
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_its_letters(name: str) -> None:
    set_in = runs(name)
    assert [run.font.split("_")[0] for run in set_in] == NAMES[name]
    assert sorted("".join(run.text for run in set_in)) == sorted(name)


def test_what_is_read_from_the_right_stands_in_its_order() -> None:
    assert words("محمد Bob דוד") == ["דוד", "Bob", "محمد"]
    assert words("Bob محمد דוד Smith") == ["Bob", "דוד", "محمد", "Smith"]


def words(line: str) -> list[str]:
    """From left to right."""
    return [run.text.strip() for run in runs(line) if run.text.strip()]


def test_what_no_font_has_is_a_box_and_no_error() -> None:
    assert [run.font for run in runs("\U0001f393")] == [REGULAR[-1]]


@pytest.mark.parametrize("name", ["김철수 محمد O’Brien", "x" * 200])
def test_the_paper_takes_any_name(school: School, name: str) -> None:
    school.bob.name = name
    school.bob.save()
    assert bytes(issued(school).paper).startswith(b"%PDF-")
