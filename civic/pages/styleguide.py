"""Every component of the pages on one page, for whoever builds or reviews them (debug only)."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from civic.errors import NotFound
from civic.pages.overview import Step

TOKENS = {
    "Grounds": ("page", "surface", "sunken", "line"),
    "Text": ("ink", "quiet", "accent", "accent-strong"),
    "What became of a clause": ("adopted", "provisional", "contested", "left"),
    "Answers": ("agree", "unsure", "disagree"),
    "Something is wrong": ("bad",),
}
CELL = {"n": 140, "agree": 96, "unsure": 20, "disagree": 24, "lo": 0.6, "hi": 0.76}


class SampleForm(forms.Form):
    """One field of each kind, the first of them in error."""

    name = forms.CharField(label="A line", help_text="What it is for, before the box.")
    words = forms.CharField(label="A text", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="A choice", choices=[("a", "One"), ("b", "Other")], initial="a")
    one = forms.ChoiceField(
        label="One of few",
        choices=[("a", "The first"), ("b", "The second")],
        widget=forms.RadioSelect,
        initial="a",
    )
    tick = forms.BooleanField(label="A box to tick", required=False)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Tokens, text, forms, boxes and pictures as pages use them."""
    if not settings.DEBUG:
        raise NotFound
    context = {
        "tokens": TOKENS.items(),
        "form": SampleForm({"kind": "a", "one": "a"}),
        "cell": CELL,
        "groups": "ABCD",
        "steps": [Step("Say what you think", "done"), Step("React", "here"), Step("Read", "later")],
        "statuses": ("adopted", "provisional", "contested", "not_adopted"),
    }
    return render(request, "pages/styleguide.html", context)
