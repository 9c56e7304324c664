"""People whom another system sends: ordinary accounts here, found by what that system calls them."""

from django.db import IntegrityError, transaction

from playhead.lms.models import Outsider, User, user_key


def viewer_for(integration: str, external_id: str, *, organisation_id: int, name: str = "") -> User:
    """The person whom the integration calls so, made when it is the first time. Nobody can log in as them: they have
    no password, and come by the other system's word alone."""
    return known(integration, external_id) or _made(integration, external_id, organisation_id, name)


def known(integration: str, external_id: str) -> User | None:
    return User.objects.filter(called__integration=integration, called__external_id=external_id).first()


def external_id_of(integration: str, user: User) -> str | None:
    called = Outsider.objects.filter(integration=integration, user=user)
    return called.values_list("external_id", flat=True).first()


def _made(integration: str, external_id: str, organisation_id: int, name: str) -> User:
    key = user_key()
    # The key again as username: what another system calls people may be taken here, or be no username at all.
    user = User(key=key, username=key, name=(name or external_id)[:200], organisation_id=organisation_id)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
            Outsider.objects.create(integration=integration, external_id=external_id, user=user)
    except IntegrityError:  # somebody was faster
        return User.objects.get(called__integration=integration, called__external_id=external_id)
    return user
