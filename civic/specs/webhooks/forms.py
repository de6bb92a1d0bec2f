"""The shape of registering a webhook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from civic.specs.webhooks.sending import LONGEST_URL


class WebhookForm(forms.Form):
    """One address."""

    url = forms.CharField(
        label=gettext_lazy("Address of your program"),
        help_text=gettext_lazy("It begins with https:// and is reachable from the internet."),
        max_length=LONGEST_URL,
        error_messages={"required": gettext_lazy("Enter the address.")},
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
