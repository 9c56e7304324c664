"""Whether, and how, another system is asked before one of its people's playbacks is opened."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from playhead.callbacks.addresses import parse
from playhead.callbacks.endpoints import rules
from playhead.core.errors import Invalid, Missing
from playhead.lms.access import admin
from playhead.lms.models import Gatekeeper
from playhead.recorder import integrations


class GatekeeperForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """An empty address: it is not asked."""

    url = forms.CharField(
        label=gettext_lazy("Address to ask"),
        required=False,
        max_length=500,
        widget=forms.URLInput,
        help_text=gettext_lazy("Empty: it is not asked, and a signed address is enough."),
    )

    class Meta:
        model = Gatekeeper
        fields = ["url", "timeout_ms", "allow_when_silent"]
        labels = {
            "timeout_ms": gettext_lazy("How long an answer may take, in milliseconds"),
            "allow_when_silent": gettext_lazy("When no answer comes in time: let them watch"),
        }

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            if url:
                parse(url, rules())
        except Invalid as refused:
            raise ValidationError(refused.detail) from None
        return url


@require_http_methods(["GET", "HEAD", "POST"])
def asking(request: HttpRequest, key: str) -> HttpResponse:
    by = admin(request)
    joined = integrations.find(key)
    if joined.organisation_id != by.organisation_id:
        raise Missing("no_integration", "There is no such integration.")
    keeper = Gatekeeper.objects.filter(integration=key).first()
    keeper = keeper or Gatekeeper(integration=key, organisation_id=by.organisation_id)
    form = GatekeeperForm(request.POST or None, instance=keeper)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["url"]:
            form.save()
        else:
            Gatekeeper.objects.filter(integration=key).delete()
        messages.success(request, _("Saved. It holds from the next opening on."))
        return redirect("ask-lms", key=key)
    status = 400 if form.errors else 200
    return render(request, "lms/asking.html", {"integration": joined, "form": form}, status=status)
