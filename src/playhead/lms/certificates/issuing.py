"""Issuing a certificate, withdrawing it, and saying whether it holds."""

import hashlib
from dataclasses import dataclass

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from playhead.core.errors import Conflict, Missing
from playhead.lms import trail
from playhead.lms.certificates.facts import (
    Facts,
    explained_all,
    facts_of,
    fingerprint_of,
    no_longer_true,
    read,
    written,
)
from playhead.lms.models import Certificate, Course, User
from playhead.lms.models.certificates import certificate_key


def issue(course: Course, student: User, *, address: str) -> Certificate:
    """The certificate of this student for this course: the one there is, or a new one. `address` is the site's, for the
    link on the paper. Raises Conflict while a video is left to do."""
    from playhead.lms.certificates.paper import paper_of  # what sets letters is a fifth of all that the pages read in

    standing = Certificate.objects.filter(course=course, user=student, withdrawn_at=None).first()
    if standing is not None:
        return standing
    found = explained_all(student, course.videos.select_related("course"))
    left = sum(one.watched.state != "done" for one in found)
    if left or not found:
        raise Conflict("not_complete", "Every video of the course must be done first.")
    now, key = timezone.now(), certificate_key()
    facts = facts_of(course, student, found, certificate=key, issued_at=int(now.timestamp() * 1000))
    text = written(facts)
    fingerprint = fingerprint_of(text)
    paper = paper_of(
        facts, maps=[one.watched.coverage for one in found], link=f"{address}/certificates/{key}/{fingerprint}/",
        fingerprint=fingerprint,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return Certificate.objects.create(
                key=key,
                course=course,
                user=student,
                issued_at=now,
                facts=text,
                fingerprint=fingerprint,
                paper=paper,
                paper_hash=hashlib.sha256(paper).hexdigest(),
            )
    except IntegrityError:  # asked for twice at once: the first one stands
        return Certificate.objects.get(course=course, user=student, withdrawn_at=None)


@transaction.atomic
def withdraw(certificate: Certificate, *, by: trail.Actor, reason: str) -> None:
    """Its link says so from now on. Raises Conflict when it was withdrawn before."""
    standing = Certificate.objects.filter(pk=certificate.pk, withdrawn_at=None)
    if not standing.update(withdrawn_at=timezone.now(), withdrawn_by=trail.person_of(by), withdrawn_reason=reason):
        raise Conflict("already_withdrawn", "This certificate was withdrawn before.")
    trail.note(certificate.course, by=by, what="certificate_withdrawn", about=certificate.user, reason=reason)


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at. `facts` is None where what is kept cannot even be read."""

    certificate: Certificate
    facts: Facts | None
    changed: tuple[str, ...] = ()  # videos whose ledger says something else today

    @property
    def holds(self) -> bool:
        return self.facts is not None and not self.changed and self.certificate.withdrawn_at is None


def certificate_of(course: Course, student: User) -> Certificate | None:
    """The one that stands, without its paper."""
    return Certificate.objects.filter(course=course, user=student, withdrawn_at=None).defer("paper", "facts").first()


def certificate_at(key: str, fingerprint: str) -> Certificate:
    """The certificate under a link. Raises Missing when there is none: a changed link is no link."""
    found = Certificate.objects.select_related("course", "user").filter(key=key).first()
    if found is None or not constant_time_compare(found.fingerprint, fingerprint):
        raise Missing("no_such_certificate", "There is no certificate under this address. Was it copied whole?")
    return found


def checked(certificate: Certificate) -> Check:
    """Whether the figures kept are those that were issued, and whether the ledger still gives them."""
    if not constant_time_compare(fingerprint_of(certificate.facts), certificate.fingerprint):
        return Check(certificate, None)
    try:
        facts = read(certificate.facts)
    except msgspec.ValidationError:
        return Check(certificate, None)
    return Check(certificate, facts, tuple(no_longer_true(facts, certificate.user)))


def is_the_paper(certificate: Certificate, paper: bytes) -> bool:
    """Whether this file is the one that was issued, to the last byte."""
    return constant_time_compare(hashlib.sha256(paper).hexdigest(), certificate.paper_hash)
