"""The forms of what lies at providers."""

from django import forms
from django.utils.translation import gettext_lazy


class WishForm(forms.Form):
    """An upload, before its first byte."""

    account = forms.CharField(max_length=40)
    title = forms.CharField(max_length=200)
    name = forms.CharField(max_length=255)
    size_bytes = forms.IntegerField()


class RemoteForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
