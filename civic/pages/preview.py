"""A consultation as a citizen will see it: the real pages, shown to nobody's account.

A page is made by its own view, for a person who exists in no more than a transaction that is taken
back: so it can never differ from what people get, and nothing is stored. What can be pressed in it
leads back here.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aggregation.text import identify
from civic.accounts.models import User
from civic.accounts.sessions import SessionStore
from civic.consultations.blueprints import opens_into
from civic.consultations.entry import Visit, behind
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.errors import NotFound, Refused
from civic.statements.models import Claim, Segment, Statement

# page -> what it is called, the address it stands for
PAGES = {
    "start": (gettext_lazy("Start page"), "pages:consultation"),
    "write": (gettext_lazy("Writing"), "statements:write"),
    "react": (gettext_lazy("Reacting"), "reactions:react"),
}
# What is open to people in the phase that a consultation opens into.
OPEN_PAGES = {
    Phase.COLLECT: ("start", "write", "react"),
    Phase.REACT: ("start", "react"),
    Phase.REVIEW: ("start",),
}
SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>", re.DOTALL)
FORM = re.compile(r"<form\b[^>]*>")
EXTRA = re.compile(r'\s(?:formaction|hx-[a-z-]+|data-island)="[^"]*"')


@behind("consultations.view_setup")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, visit: Visit, page: str) -> HttpResponse:
    """One page as a citizen sees it; whatever is sent from it is thrown away."""
    names = pages_of(visit.consultation)
    if page not in names:
        raise NotFound
    slug = visit.consultation.slug
    if request.method == "POST":
        onward = names[min(names.index(page) + 1, len(names) - 1)]
        messages.info(request, _("This is a preview: nothing was stored."))
        return redirect("pages:preview", slug=slug, page=onward)
    markup = _as_citizen(request, visit.consultation, page)
    return HttpResponse(_marked(markup, visit.consultation, page))


def pages_of(consultation: Consultation) -> tuple[str, ...]:
    """The pages that people get in the phase that this consultation opens into."""
    return OPEN_PAGES[opens_into(consultation)]


def _as_citizen(request: HttpRequest, consultation: Consultation, page: str) -> str:
    """The page's markup for somebody who takes part, out of a transaction that is taken back."""
    address = reverse(PAGES[page][1], args=[consultation.slug])
    with transaction.atomic():
        try:
            Consultation.objects.filter(pk=consultation.pk).update(
                phase=opens_into(consultation), opens_on=None, closes_on=None
            )
            is_new = page == "start" and consultation.access != Consultation.Access.INVITE
            person = AnonymousUser() if is_new else _somebody(consultation)
            if page == "react" and not consultation.claims.shown().exists():
                _write_examples(consultation)
            return _get(request, address, user=person)
        finally:
            transaction.set_rollback(True)


def _somebody(consultation: Consultation) -> User:
    """A person who takes part and would rather not say anything about herself."""
    user = User.objects.create(email=None)
    Membership.objects.create(
        consultation=consultation, user=user, is_participant=True, consented_at=timezone.now()
    )
    return user


def _write_examples(consultation: Consultation) -> None:
    """The examples as sentences to react to, where there are none yet."""
    for text in consultation.examples or [_("Here stands what somebody wrote.")]:
        span: dict[str, Any] = {"start": 0, "end": len(text), "polarity": 1}
        spoken = identify(text)
        statement = Statement.objects.create(
            consultation=consultation,
            text=text,
            language=spoken,
            moderation=Statement.Moderation.ACCEPTED,
        )
        claim = Claim.objects.create(
            consultation=consultation, statement=statement, language=spoken, **span
        )
        Segment.objects.create(statement=statement, claim=claim, is_norm=True, **span)


def _get(request: HttpRequest, address: str, *, user: User | AnonymousUser) -> str:
    """What the view at this address answers to this person."""
    asked = copy.copy(request)
    asked.method, asked.path, asked.path_info = "GET", address, address
    asked.GET = request.GET.__class__()
    asked.user = user
    asked.session = SessionStore()
    asked.resolver_match = match = resolve(address)
    try:
        answer = match.func(asked, *match.args, **match.kwargs)
    except Refused as refusal:
        return render_to_string("errors/refused.html", {"refusal": refusal}, asked)
    if answer.status_code != 200:
        sentence = _("This page cannot be shown in a preview yet.")
        return render_to_string("errors/refused.html", {"refusal": Refused(sentence)}, asked)
    return str(answer.content.decode())


def _marked(markup: str, consultation: Consultation, page: str) -> str:
    """The page under a bar that says what it is, with forms and links that stay in the preview."""
    slug, names = consultation.slug, pages_of(consultation)
    here = reverse("pages:preview", args=[slug, page])
    markup = SCRIPT.sub("", markup)
    markup = FORM.sub(f'<form method="post" action="{here}">', markup)
    markup = EXTRA.sub("", markup)
    for name in names:
        address = reverse(PAGES[name][1], args=[slug])
        shown = reverse("pages:preview", args=[slug, name])
        markup = re.sub(rf'href="{address}(?:\?[^"]*)?"', f'href="{shown}"', markup)
    pages = [(name, PAGES[name][0], name == page) for name in names]
    bar = render_to_string("organizer/preview_bar.html", {"pages": pages, "slug": slug})
    return markup.replace("<header>", bar + "<header>", 1)
