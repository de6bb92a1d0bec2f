"""The record of acts behind the scenes: what was done, when and by whom, to filter and to keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from civic.audit.models import CITIZEN, PLATFORM, Entry
from civic.consultations import sheets
from civic.consultations.entry import Visit, behind
from civic.consultations.models import Consultation

PAGE = 50
HEAD = ("number", "at_utc", "act", "of", "reference", "by", "fingerprint")
# The keys of CITIZENS are those of `audit.models.OF_CITIZENS`, and of no other act.
CITIZENS = {
    "statement.submitted": _("Statement sent"),
    "statement.withdrawn": _("Statement withdrawn"),
    "statement.flagged": _("Statement reported"),
    "sentence.confirmed": _("Sentence confirmed by its author"),
    "sentence.taken_back": _("Sentence taken back by its author"),
    "sentence.reopened": _("Word on a sentence taken back"),
    "sentence.reworded": _("Sentence put differently"),
    "segment.unmerged": _("Sentence taken out of a joint one by its author"),
    "claim.separated": _("Sentence taken out by its author"),
    "reaction.cast": _("Answer given"),
    "reaction.undone": _("Answer taken back"),
    "question.answered": _("Either/or question answered"),
    "judgement.given": _("Answer of a machine judged"),
    "judgement.undone": _("Judgement taken back"),
    "membership.joined": _("Let in as a participant"),
    "membership.consented": _("Agreed to take part"),
    "membership.described": _("Said something about herself"),
    "membership.erased": _("Had her part erased"),
    "invitation.accepted": _("Invitation accepted"),
    "appeal.opened": _("Appeal sent"),
    "receipt.linked": _("Private link to her receipt made"),
    "receipt.unlinked": _("Private link to her receipt ended"),
}
STAFF = {
    "statement.accepted": _("Statement shown"),
    "statement.rejected": _("Statement hidden"),
    "statement.waiting": _("Statement put back to waiting"),
    "statement.hiding_proposed": _("Hiding proposed"),
    "statement.hiding_overruled": _("Hiding overruled by a second reader"),
    "statement.hiding_taken_back": _("Proposal to hide taken back"),
    "statement.ruling_undone": _("Decision of a moderator undone"),
    "appeal.upheld": _("Appeal: the decision stands"),
    "appeal.granted": _("Appeal: shown again"),
    "claims.joined": _("Sentences joined"),
    "claims.kept_apart": _("Sentences kept apart"),
    "claim.split": _("Sentence parted"),
    "claim.placed": _("Sentence put under a theme"),
    "pair.opposed": _("Sentences called opposed"),
    "pair.compatible": _("Sentences called compatible"),
    "pair.left_open": _("Pair of sentences left open"),
    "theme.renamed": _("Theme renamed"),
    "theme.joined": _("Themes joined"),
    "decision.undone": _("Decision on sentences undone"),
    "consultation.created": _("Consultation made"),
    "consultation.step_saved": _("Step of the set-up saved"),
    "consultation.phase_opened": _("Phase opened"),
    "membership.granted": _("Role given"),
    "membership.roles_set": _("Roles set"),
    "invitation.created": _("Invitation made"),
    "invitation.created_many": _("Invitations made"),
    "invitation.revoked": _("Invitation revoked"),
    "import.checked": _("Import checked"),
    "import.confirmed": _("Import confirmed"),
    "import.done": _("Import done"),
    "statements.seeded": _("First statements written"),
    "answers.added": _("Answers of machines brought in"),
    "answer.withdrawn": _("Answer of a machine withdrawn"),
    "preparation.begun": _("Preparation begun"),
    "preparation.done": _("Preparation done"),
    "preparation.failed": _("Preparation failed"),
    "run.requested": _("Analysis asked for"),
    "run.done": _("Analysis done"),
    "run.failed": _("Analysis failed"),
    "run.cancelled": _("Analysis cancelled"),
    "run.redacted": _("Words erased from an analysis"),
    "spec.drafted": _("Spec drafted"),
    "spec.published": _("Spec published"),
    "spec.withdrawn": _("Spec withdrawn"),
    "spec.redacted": _("Words erased from a spec"),
    "consultation.replied": _("Reply to the result made public"),
    "webhook.registered": _("Webhook registered"),
    "webhook.removed": _("Webhook removed"),
    "webhook.secret_renewed": _("Secret of a webhook renewed"),
    "webhook.turned_on": _("Webhook turned on"),
    "webhook.turned_off": _("Webhook turned off after failures"),
}
ACTS = STAFF | CITIZENS


class LogFilter(forms.Form):
    """Which acts of which day."""

    act = forms.ChoiceField(
        required=False, label=_("Act"), choices=[("", _("All acts")), *ACTS.items()]
    )
    day = forms.DateField(
        required=False,
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Write the day as year, month, day: 2026-03-31.")},
    )


def entries_of(consultation: Consultation, *, act: str = "", day: Any = None) -> QuerySet[Entry]:
    """The entries of a consultation, the newest first."""
    entries = Entry.objects.filter(consultation=consultation.uuid).order_by("-pk")
    if act:
        entries = entries.filter(action=act)
    if day is not None:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        entries = entries.filter(at__gte=start, at__lt=start + timedelta(days=1))
    return entries


def _chosen(request: HttpRequest) -> tuple[LogFilter, dict[str, Any]]:
    chosen = LogFilter(request.GET or None)
    return chosen, chosen.cleaned_data if chosen.is_valid() else {}


@behind("consultations.view_log")
@require_safe
def log(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Who did what, when: every entry of the audit record of this consultation."""
    chosen, wanted = _chosen(request)
    page = Paginator(entries_of(visit.consultation, **wanted), PAGE).get_page(
        request.GET.get("page")
    )
    keep = request.GET.copy()
    keep.pop("page", None)
    context = {
        "tab": "log",
        "page": page,
        "rows": [(one, ACTS.get(one.action, one.action), one.is_citizens) for one in page],
        "me": request.user.audit_key,
        "form": chosen,
        "is_filtered": any(wanted.values()),
        "keep": keep.urlencode(),
    }
    return render(request, "organizer/log.html", visit.context | context)


@behind("consultations.view_log")
@require_safe
def log_file(request: HttpRequest, visit: Visit) -> StreamingHttpResponse:
    """The same entries as CSV, with the acts by the names under which they are kept."""
    _form, wanted = _chosen(request)
    name = f"{visit.consultation.slug}-record.csv"
    return sheets.download(name, head=HEAD, rows=_lines(entries_of(visit.consultation, **wanted)))


def _lines(entries: QuerySet[Entry]) -> Iterator[list[object]]:
    for entry in entries.iterator(chunk_size=2000):
        yield [
            entry.pk,
            entry.at.isoformat(timespec="seconds"),
            entry.action,
            entry.subject_type,
            entry.subject_id,
            entry.by if entry.by in (CITIZEN, PLATFORM) else entry.by[:8],
            entry.commitment,
        ]
