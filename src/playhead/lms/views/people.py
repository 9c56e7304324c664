"""Who is in a course: enrolling, inviting, roles; and a whole list at once, shown before it is done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from playhead.core.errors import Forbidden, Invalid, Missing
from playhead.lms import class_list, enrolling, invitations, postman, trail
from playhead.lms.access import course_for, course_to_change, course_to_enrol_in, person
from playhead.lms.account_forms import InviteForm, open_invitations, roles_to_give
from playhead.lms.closing import close_course
from playhead.lms.course_forms import ListForm, RoleForm
from playhead.lms.forms import EnrolForm
from playhead.lms.models import Course, Enrolment, Invitation, Role, User
from playhead.lms.site_address import site_address


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, key: str) -> HttpResponse:
    """Who is in the course; a POST enrols a person."""
    user = person(request)
    if request.method != "POST":
        course, role = course_for(user, key, teaching=True)
        return _page(request, course, role)
    course, role = course_to_enrol_in(user, key)
    form = EnrolForm(request.POST, course=course, roles=roles_to_give(role))
    if not form.is_valid():
        return _page(request, course, role, form=form, status=400)
    enrolled, as_role = form.cleaned_data["who"], Role(form.cleaned_data["role"])
    invitations.enrol(course, enrolled, as_role, by=user)
    messages.success(request, _("%(name)s is enrolled.") % {"name": enrolled})
    return redirect("people", key=course.key)


@require_POST
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """By e-mail where there is an address and e-mail is set up; else the link is shown, once."""
    user = person(request)
    course, role = course_to_enrol_in(user, key)
    form = InviteForm(request.POST, roles=roles_to_give(role))
    if not form.is_valid():
        return _page(request, course, role, invite_form=form, status=400)
    email, as_role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    made, path = invitations.invite(by=user, email=email, course=course, role=as_role)
    trail.note(course, by=user, what="invited", detail=f"{email or _('by link')} · {as_role.label}")
    if email and postman.is_on():
        invitations.send(made, site=site_address(request))
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": email})
        return redirect("people", key=course.key)
    return _page(request, course, role, link=site_address(request) + path)


@require_POST
def withdraw_invitation(request: HttpRequest, key: str, number: int) -> HttpResponse:
    course, role = course_to_enrol_in(person(request), key)
    found = course.invitations.filter(pk=number, used_at=None).first()
    if found is None:
        raise Missing("no_such_invitation", "There is no such invitation.")
    _may_touch(role, Role(found.role))
    found.delete()
    messages.success(request, _("The invitation is withdrawn: its link opens nothing any more."))
    return redirect("people", key=course.key)


@require_POST
def unenrol(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    """Takes a person out of the course, which closes what they are watching in it. May be repeated."""
    by = person(request)
    course, role = course_to_enrol_in(by, key)
    user = person_of(course, user_key)
    place = Enrolment.objects.select_related("course", "user").filter(course=course, user=user).first()
    if place is None:  # sent again, perhaps because the first time the recorder could not be reached
        close_course(user, course)
    else:
        _may_touch(role, Role(place.role))
        enrolling.unenrol(place, by=by)
    messages.success(request, _("%(name)s is no longer enrolled. What was watched is kept.") % {"name": user})
    return redirect("people", key=course.key)


@require_POST
def change_role(request: HttpRequest, key: str, user_key: str) -> HttpResponse:
    by = person(request)
    course = course_to_change(by, key)
    place = Enrolment.objects.select_related("course", "user").filter(course=course, user__key=user_key).first()
    form = RoleForm(request.POST)
    if place is None:
        raise Missing("no_such_person", "There is no such person in this course.")
    if not form.is_valid():
        raise Invalid("no_such_role", "There is no such role.")
    enrolling.change_role(place, Role(form.cleaned_data["role"]), by=by)
    said = {"name": place.user, "role": Role(place.role).label}
    messages.success(request, _("%(name)s is now %(role)s in this course.") % said)
    return redirect("people", key=course.key)


@require_http_methods(["GET", "HEAD", "POST"])
def bring_list(request: HttpRequest, key: str) -> HttpResponse:
    """A POST without `confirm` shows what would change; with it, and only if that is still so, does it."""
    user = person(request)
    course, _role = course_to_enrol_in(user, key)
    form = ListForm(request.POST if request.method == "POST" else None, request.FILES)
    context = {"course": course, "form": form, "mail": postman.is_on()}
    if request.method != "POST" or not form.is_valid():
        return render(request, "lms/list.html", context)
    try:
        text = form.told()
        plan = class_list.plan(course, text)
    except Invalid as error:
        return render(request, "lms/list.html", context | {"wrong": error}, status=400)
    confirmed = request.POST.get("confirm", "")
    if confirmed != plan.digest:
        return _preview(request, context | {"text": text, "plan": plan, "changed": bool(confirmed)}, plan)
    site = site_address(request)
    done = class_list.carry_out(course, plan, by=user, site=site, by_mail=postman.is_on())
    if done.links:
        return render(request, "lms/list_done.html", context | {"done": done, "site": site})
    said = ngettext("%(n)d person is enrolled.", "%(n)d people are enrolled.", done.enrolled) % {"n": done.enrolled}
    messages.success(request, said)
    return redirect("people", key=course.key)


def _preview(request: HttpRequest, context: dict[str, Any], plan: class_list.Plan) -> HttpResponse:
    counts = {action: len(plan.of(action)) for action in ("new", "enrol", "here", "bad")}
    context["counts"] = counts | {"change": counts["new"] + counts["enrol"]}
    context["good"] = [line for line in plan.lines if not line.is_bad]
    return render(request, "lms/list_preview.html", context | {"bad": plan.of("bad")})


def person_of(course: Course, key: str) -> User:
    """Somebody of the course's school. Raises Missing."""
    user = User.objects.filter(key=key, organisation=course.organisation_id).first()
    if user is None:
        raise Missing("no_such_person", "There is no such person.")
    return user


def _page(
    request: HttpRequest,
    course: Course,
    role: Role,
    *,
    form: EnrolForm | None = None,
    invite_form: InviteForm | None = None,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    roles = roles_to_give(role)
    listed = course.enrolments.select_related("user").order_by("-role", "user__name", "user__username")
    invited: list[Invitation] = open_invitations(course)
    context = {
        "course": course,
        "enrolments": listed,
        "invitations": invited,
        "form": form or EnrolForm(course=course, roles=roles),
        "invite_form": invite_form or InviteForm(roles=roles, auto_id="invite_%s"),
        "link": link,
        "mail": postman.is_on(),
        "may_change": role == Role.TEACHER and course.archived_at is None,
        "may_enrol": course.archived_at is None,
        "roles": Role.choices,
        "tab": "people",
    }
    return render(request, "lms/people.html", context, status=status)


def _may_touch(role: Role, other: Role) -> None:
    if role != Role.TEACHER and other != Role.STUDENT:
        raise Forbidden("only_teachers", "Assistants may enrol and unenrol students only.")
