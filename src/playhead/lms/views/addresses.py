"""Changing the e-mail address of one's own account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from playhead.core.errors import Conflict
from playhead.lms import addresses, postman
from playhead.lms.access import person
from playhead.lms.account_forms import AddressForm
from playhead.lms.models import User
from playhead.lms.site_address import site_address
from playhead.lms.views.account import account_page


@sensitive_post_parameters()
@require_POST
def change_address(request: HttpRequest) -> HttpResponse:
    """Nothing changes yet: the link in the letter does that."""
    user = person(request)
    if not postman.is_on():
        raise Conflict("no_post", "This site sends no e-mail, so that no address can be confirmed.")
    form = AddressForm(request.POST, user=user, request=request)
    if not form.is_valid():
        return account_page(request, address_form=form, status=400)
    addresses.ask(user, form.cleaned_data["address"], site=site_address(request))
    said = _("A link is on its way to %(address)s. Open it, logged in here, and the address is yours.")
    messages.success(request, said % {"address": form.cleaned_data["address"]})
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Only a press of the button changes it: programs that look into letters open links, too."""
    user = User.objects.get(pk=person(request).pk)
    change = addresses.wanted(user, token)
    if request.method == "POST":
        addresses.confirm(user, token, site=site_address(request))
        messages.success(request, _("Your e-mail address is changed."))
        return redirect("account")
    return render(request, "lms/address.html", {"change": change})
