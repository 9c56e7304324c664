"""Certificates: issued, looked at and withdrawn as on the pages."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from ninja import Router
from pydantic import Field

from playhead.core.errors import Missing
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.shapes.agreements import CertificateIn, CertificateOut, WithdrawalIn
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.api.v1.viewers import external_ids
from playhead.lms.certificates.issuing import checked, issue, withdraw
from playhead.lms.grants import course_of, courses_of, people_of, person_of, student_of
from playhead.lms.models import Certificate
from playhead.lms.site_address import site_address

router = Router(tags=["certificates"])


@operation(router, "get", "/certificates", scope="terms:read", gives=Page[CertificateOut])
def list_certificates(
    request: ApiRequest,
    course: Annotated[str | None, Field(max_length=64, description="Only for this course")] = None,
    viewer: Annotated[str | None, Field(max_length=64, description="Only of this viewer")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List certificates.
    Those that were withdrawn included."""
    integration, rows = request.caller.integration, _certificates(request)
    if course is not None:
        rows = rows.filter(course=course_of(integration, course))
    if viewer is not None:
        rows = rows.filter(user=person_of(integration, viewer))

    def shown(found: Sequence[Certificate]) -> list[dict[str, Any]]:
        return _shown(request, found)

    return page_of(rows, shown, cursor=cursor, limit=limit)


@operation(router, "post", "/certificates", scope="terms:write", gives=CertificateOut)
def issue_certificate(request: ApiRequest, response: HttpResponse, asked: CertificateIn) -> dict[str, Any]:
    """Issue a certificate.
    To a student who is done with every video of the course; the one there is, where there is one."""
    integration = request.caller.integration
    course = course_of(integration, asked.course)
    student = student_of(integration, course, asked.viewer)
    made = issue(course, student, address=site_address(request))
    at(response, "certificates", made.key)
    response.status_code = 201
    return _shown(request, [made])[0]


@operation(router, "get", "/certificates/{key}", scope="terms:read", gives=CertificateOut)
def read_certificate(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a certificate.
    It is checked against the ledger as it is now."""
    return _shown(request, [_certificate(request, key)])[0]


@operation(router, "post", "/certificates/{key}/withdrawal", scope="terms:write", gives=CertificateOut, status=200)
def withdraw_certificate(request: ApiRequest, key: str, asked: WithdrawalIn) -> dict[str, Any]:
    """Withdraw a certificate.
    Its link says so from then on; the reason stands in the trail. One that was withdrawn before is a conflict."""
    withdraw(_certificate(request, key), by=request.caller.actor, reason=asked.reason.strip())
    return read_certificate(request, key)


def _certificates(request: ApiRequest) -> QuerySet[Certificate]:
    integration = request.caller.integration
    rows = Certificate.objects.filter(course__in=courses_of(integration), user__in=people_of(integration))
    return rows.select_related("course", "user").defer("paper")


def _certificate(request: ApiRequest, key: str) -> Certificate:
    found = _certificates(request).filter(key=key).first()
    if found is None:
        raise Missing("no_such_certificate", "There is no such certificate.")
    return found


def _shown(request: ApiRequest, found: Sequence[Certificate]) -> list[dict[str, Any]]:
    names = external_ids(request.caller.integration.key, [one.user for one in found])
    return [_shown_one(request, one, names.get(one.user_id)) for one in found]


def _shown_one(request: ApiRequest, one: Certificate, external_id: str | None) -> dict[str, Any]:
    check, place = checked(one), [one.key, one.fingerprint]
    return {
        "key": one.key,
        "course": one.course.key,
        "viewer": one.user.key,
        "external_id": external_id,
        "issued_at": instant_of(one.issued_at),
        "holds": check.holds,
        "changed": list(check.changed),
        "url": site_address(request) + reverse("certificate", args=place),
        "paper_url": site_address(request) + reverse("certificate-paper", args=place),
        "withdrawn_at": instant_of(one.withdrawn_at),
        "withdrawn_reason": one.withdrawn_reason,
    }
