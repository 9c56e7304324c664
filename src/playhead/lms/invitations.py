"""Invitations: a link that lets in whoever holds it, once, for a week."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from playhead.core.errors import Forbidden, Missing
from playhead.lms import telling, trail
from playhead.lms.models import Course, Enrolment, Invitation, Letter, Role, User
from playhead.lms.tokens import make_token, token_hash

LIFE = timedelta(days=7)


def invite(
    *,
    by: User,
    email: str = "",
    course: Course | None = None,
    role: Role = Role.STUDENT,
    user: User | None = None,
    as_admin: bool = False,
) -> tuple[Invitation, str]:
    """An invitation and the path of its link, which is told now or never. The caller has checked that `by` may."""
    token = make_token()
    made = Invitation.objects.create(
        organisation_id=by.organisation_id,
        token_hash=token_hash(token),
        user=user,
        email=email,
        course=course,
        role=role,
        as_admin=as_admin,
        made_by=by,
        expires_at=timezone.now() + LIFE,
    )
    return made, reverse("invitation", args=[token])


def send(invitation: Invitation, *, site: str) -> None:
    """Have the postman send it, with a new link: the one before opens nothing any more."""
    Letter.objects.create(kind="invitation", invitation=invitation, site=site)


def renewed_path(invitation: Invitation) -> str:
    """A new link in the place of the one before."""
    token = make_token()
    invitation.token_hash = token_hash(token)
    invitation.save(update_fields=["token_hash"])
    return reverse("invitation", args=[token])


def opened(token: str) -> Invitation:
    """The invitation of a link. Raises Missing, in the same words, for one that is unknown, used up or expired."""
    found = Invitation.objects.select_related("course", "user").filter(token_hash=token_hash(token)).first()
    if found is None or not found.is_open:
        raise Missing("invitation_over", "This invitation is used up, expired or withdrawn.")
    return found


@transaction.atomic
def accept(invitation: Invitation, user: User) -> None:
    """Use the invitation up for this person. Raises Missing when somebody was faster."""
    _check(invitation, user)
    now = timezone.now()
    unused = Invitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=now)
    if not unused.update(used_at=now, used_by=user):
        raise Missing("invitation_over", "This invitation is used up, expired or withdrawn.")
    if invitation.as_admin and not user.is_superuser:
        user.is_superuser = user.is_staff = True
        user.save(update_fields=["is_superuser", "is_staff"])
    if invitation.course is not None:
        enrol(invitation.course, user, Role(invitation.role), by=user)


def enrol(course: Course, user: User, role: Role, *, by: trail.Actor) -> bool:
    """Whether the person was not in the course yet. Who is keeps the role they have."""
    _enrolment, made = Enrolment.objects.get_or_create(course=course, user=user, defaults={"role": role})
    if made:
        trail.note(course, by=by, what="enrolled", about=user, detail=str(role.label))
        telling.enrolled(course, user, role)
    return made


def _check(invitation: Invitation, user: User) -> None:
    if invitation.organisation_id != user.organisation_id:
        raise Forbidden("other_organisation", "This invitation is for another school.")
    if invitation.user is not None and invitation.user != user:
        raise Forbidden("not_your_invitation", "This invitation is for another account.")
