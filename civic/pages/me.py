"""What is mine as a whole: my account, everything kept about me, and deleting it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from civic.consultations.entry import Visit, invited
from civic.errors import Conflict
from civic.pages.data import account_data, part_data
from civic.specs.erasing import erase_account, erase_part, owned_alone
from civic.specs.models import Evidence

WORD = pgettext_lazy("the word to type before everything is deleted", "DELETE")


class DeleteForm(forms.Form):
    """Nothing is deleted by a slip: the word has to be typed."""

    word = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].label = _("To go on, type the word “%(word)s”") % {"word": WORD}

    def clean_word(self) -> str:
        typed = str(self.cleaned_data["word"]).strip()
        if typed.casefold() not in (str(WORD).casefold(), "delete"):
            raise forms.ValidationError(
                _("Type the word %(word)s exactly, or go back: nothing has been deleted."),
                params={"word": WORD},
            )
        return typed


@login_required
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here, what I take part in, and what I can do about it."""
    parts = request.user.memberships.select_related("consultation").order_by("-joined_at")
    return render(request, "pages/account.html", {"parts": parts})


@invited
@never_cache
@require_safe
def my_part_data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything kept about me in this consultation, as a file."""
    found = part_data(visit.invited)
    return _file(found, name=f"my-part-{visit.consultation.slug}.json")


@login_required
@never_cache
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything kept about me at all, as a file."""
    return _file(account_data(request.user), name="my-data.json")


def _file(content: dict[str, Any], *, name: str) -> HttpResponse:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@invited
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete_part(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what goes and what stays, then delete my part of this consultation."""
    me = visit.invited
    context = visit.context | {
        "tab": "mine",
        "statements": me.statements.exclude(text="").count(),
        "quotes": Evidence.objects.filter(statement__author=me, clause__spec__status="published")
        .values("clause__spec", "statement")
        .distinct()
        .count(),
    }

    def act() -> HttpResponse:
        erase_part(me, by=request.user)
        messages.success(
            request, _("Your part is deleted. No page shows a word of yours any more.")
        )
        return _left_behind(redirect("pages:consultation", slug=visit.consultation.slug))

    return _ask(request, "pages/delete_part.html", context, act=act)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, then delete my account and everything I gave anywhere."""
    user = request.user
    context = {
        "parts": user.memberships.filter(is_participant=True).select_related("consultation"),
        "alone": owned_alone(user),
    }

    def act() -> HttpResponse:
        erase_account(user)
        logout(request)
        messages.success(request, _("Your account is deleted, with every word of yours."))
        return _left_behind(redirect("pages:home"))

    return _ask(request, "pages/delete_account.html", context, act=act)


def _ask(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    act: Callable[[], HttpResponse],
) -> HttpResponse:
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except Conflict as refusal:
            form.add_error(None, refusal.sentence)
    context |= {"form": form, "word": WORD}
    return render(request, template, context, status=400 if form.errors else 200)


def _left_behind(response: HttpResponse) -> HttpResponse:
    """Ask the browser to forget what our pages kept in it: drafts, answers on their way."""
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
