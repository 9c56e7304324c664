"""Certificates: made for a student who is done, shown and checked for anybody who has the link."""

from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playhead.core.errors import Forbidden
from playhead.lms.access import course_for, course_to_change, person, role_in, student_for
from playhead.lms.certificates.issuing import Check, certificate_at, checked, is_the_paper, issue, withdraw
from playhead.lms.models import Enrolment, Role, User
from playhead.lms.site_address import site_address
from playhead.lms.timeline import instant

PAPER_MOST_BYTES: Final = 5_000_000


class PaperForm(forms.Form):
    paper = forms.FileField(label=gettext_lazy("The PDF you were given"), allow_empty_file=True)

    def clean_paper(self) -> bytes:
        paper = self.cleaned_data["paper"]
        if paper.size > PAPER_MOST_BYTES:
            raise forms.ValidationError(_("This file is too large to be a certificate."))
        return bytes(paper.read())


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500)


@require_POST
def issue_certificate(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    """One's own, or as a teacher a student's; of people who study the course only."""
    by = person(request)
    course, _role = course_for(by, key, teaching=by.key != user_key)
    student = student_for(course, user_key)
    if not Enrolment.objects.filter(course=course, user=student, role=Role.STUDENT).exists():
        raise Forbidden("not_student", "Certificates are for the students of a course.")
    made = issue(course, student, address=site_address(request))
    return redirect("certificate", key=made.key, fingerprint=made.fingerprint)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_page(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """For anybody with the link. A POST asks whether a file is the paper that was issued."""
    certificate = certificate_at(key, fingerprint)
    form = PaperForm(request.POST or None, request.FILES or None) if request.method == "POST" else PaperForm()
    same = is_the_paper(certificate, form.cleaned_data["paper"]) if form.is_bound and form.is_valid() else None
    return _page(request, checked(certificate), form, same=same, status=400 if form.errors else 200)


@login_not_required
@require_GET
def certificate_paper(_request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    certificate = certificate_at(key, fingerprint)
    response = HttpResponse(bytes(certificate.paper), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="playhead-{certificate.key}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def withdraw_certificate(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    by = person(request)
    certificate = certificate_at(key, fingerprint)
    course_to_change(by, certificate.course.key, archived=True)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, checked(certificate), PaperForm(), withdraw_form=form, status=400)
    withdraw(certificate, by=by, reason=form.cleaned_data["reason"])
    messages.success(request, _("The certificate is withdrawn. Its link says so from now on."))
    return redirect("certificate", key=key, fingerprint=fingerprint)


def _page(
    request: HttpRequest,
    check: Check,
    form: PaperForm,
    *,
    same: bool | None = None,
    withdraw_form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    facts, certificate = check.facts, check.certificate
    teaches = isinstance(request.user, User) and role_in(certificate.course, request.user) == Role.TEACHER
    context = {
        "check": check,
        "certificate": certificate,
        "facts": facts,
        "videos": [(one, instant(one.completed_at or 0)) for one in facts.videos] if facts else [],
        "covered_ms": facts.total("covered_ms") if facts else 0,
        "watched_ms": facts.total("watched_ms") if facts else 0,
        "paid_ms": facts.total("paid_ms") if facts else 0,
        "lines": facts.total("lines") if facts else 0,
        "form": form,
        "same": same,
        "withdraw_form": (withdraw_form or WithdrawForm()) if teaches and not certificate.withdrawn_at else None,
        "of_reader": certificate.user == request.user or teaches,
    }
    response = render(request, "lms/certificate.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
