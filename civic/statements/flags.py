"""Telling a moderator that a statement breaks a rule: the act, its form and its page."""

from __future__ import annotations

import uuid as uuids
from datetime import timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from aggregation.text import TextRefused, clean_text
from civic.accounts.permissions import can, require
from civic.audit.services import record
from civic.consultations.entry import Visit, participants
from civic.consultations.models import Membership
from civic.consultations.phases import Act
from civic.errors import ConsultationClosed, Invalid, NotFound, Refused
from civic.statements.models import Flag, Statement
from civic.statements.rules import CHOICES, NEEDS_WORDS

MAX_NOTE = 500
A_DAY = 20  # reports of one person: each costs a moderator's time


class TooManyReports(Refused):
    """You have reported many statements today. The moderators read them first; come back later."""

    status, code = 429, "too_many_reports"


@transaction.atomic
def flag_statement(statement: Statement, *, by: Membership, rule: str, note: str = "") -> Flag:
    """Tell the moderators that a statement breaks a rule; once for each person and statement.

    It changes nothing about the statement: a moderator reads it and decides. Reporting again
    leaves the first report as it is.
    """
    if not statement.consultation.is_open(Act.MODERATE):
        raise ConsultationClosed(gettext("The consultation is closed, and so are reports."))
    if not statement.is_shown:
        raise NotFound(gettext("This statement is no longer shown."))
    if rule not in dict(CHOICES):
        raise Invalid(gettext("Choose the rule that it breaks."))
    note = cleaned_note(note)
    if rule == NEEDS_WORDS and not note:
        raise Invalid(gettext("Say in a few words what is wrong."))
    by.hold()
    earlier = statement.flags.filter(raised_by=by).first()
    if earlier is not None:
        return earlier
    yesterday = timezone.now() - timedelta(days=1)
    if by.flags.filter(created_at__gt=yesterday).count() >= A_DAY:
        raise TooManyReports(
            gettext(
                "You have reported %(number)s statements within a day. "
                "Moderators read those first; you can go on tomorrow."
            )
            % {"number": A_DAY}
        )
    flag = Flag.objects.create(statement=statement, raised_by=by, rule=rule, note=note)
    actor = by.audit_key
    content = {"rule": rule, "note": note}
    record("statement.flagged", subject=statement, actor=actor, content=content)
    return flag


def cleaned_note(note: str) -> str:
    """The note as it will be kept, or Invalid with what is wrong about it."""
    if not note.strip():
        return ""
    try:
        cleaned = clean_text(note)
    except TextRefused as error:
        raise Invalid(gettext("The note holds signs that cannot be shown. Remove them.")) from error
    if len(cleaned) > MAX_NOTE:
        raise Invalid(
            gettext("Shorten the note to %(limit)s characters; it has %(length)s.")
            % {"limit": MAX_NOTE, "length": len(cleaned)}
        )
    return cleaned


class FlagForm(forms.Form):
    """Which rule, and what a moderator should know."""

    rule = forms.ChoiceField(
        label=_("Which rule does it break?"),
        choices=CHOICES,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the rule that it breaks."),
            "invalid_choice": _("Choose the rule that it breaks."),
        },
    )
    note = forms.CharField(
        label=_("What should the moderator know?"),
        help_text=_("At most 500 characters. Only moderators read it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            data["note"] = cleaned_note(data.get("note", ""))
        except Invalid as refusal:
            self.add_error("note", refusal.sentence)
        if data.get("rule") == NEEDS_WORDS and not data.get("note") and "note" not in self.errors:
            self.add_error("note", gettext("Say in a few words what is wrong."))
        return data


@never_cache
@participants
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Report one statement; afterwards, thanks and the way back."""
    statement = _readable(request, visit, uuid)
    require(request.user, "statements.flag", statement)
    form = FlagForm(request.POST if request.method == "POST" else None)
    flag = statement.flags.filter(raised_by=visit.participant).first()
    if request.method == "POST" and form.is_valid():
        try:
            flag_statement(statement, by=visit.participant, **form.cleaned_data)
            return redirect("reactions:report", slug=visit.consultation.slug, uuid=uuid)
        except TooManyReports as refusal:
            form.add_error(None, refusal.sentence)
    context = {"tab": "react", "statement": statement, "form": form, "flag": flag}
    status = 400 if form.errors else 200
    return render(request, "statements/report.html", visit.context | context, status=status)


def _readable(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> Statement:
    rows = visit.consultation.statements.select_related("consultation", "author")
    statement = rows.filter(uuid=uuid).first()
    if statement is None or not can(request.user, "statements.view", statement):
        raise NotFound(gettext("This statement is no longer shown."))
    return statement
