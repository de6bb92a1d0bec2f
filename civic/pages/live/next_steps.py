"""What to do next in a consultation, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.accounts.permissions import can
from civic.analysis.models import Run
from civic.consultations.checklist import checklist
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.specs.models import SpecVersion
from civic.statements.models import Preparation
from civic.statements.queue import oldest_wait

SOON = timedelta(days=3)
LONG = timedelta(days=2)  # that a statement may wait before it is urgent


@dataclass(frozen=True)
class Step:
    """One thing to do, with where to do it; `urgent` where somebody is kept waiting by it."""

    text: str
    address: str
    urgent: bool = False


def next_steps(
    consultation: Consultation, *, user: Any, membership: Membership | None, waiting: dict[str, int]
) -> list[Step]:
    """What waits for this member of the team; nothing that she may not do.

    waiting : how many statements each state of `statements.queue` holds
    """
    steps: list[Step] = []
    if can(user, "analysis.run", membership):
        steps += _analysis(consultation)
    if can(user, "statements.moderate", membership):
        steps += _moderation(consultation, waiting)
    if can(user, "consultations.manage", membership):
        steps += _running(consultation)
    return sorted(steps, key=lambda step: not step.urgent)


def _analysis(consultation: Consultation) -> Iterator[Step]:
    slug = consultation.slug
    preparation = consultation.preparations.only("status", "uuid").first()
    if preparation is not None and preparation.status == Preparation.Status.FAILED:
        address = reverse("statements:preparation", args=[slug, preparation.uuid])
        yield Step(_("Statements could not be prepared: see why"), address, urgent=True)
    run = consultation.runs.only("status", "uuid", "lease_until").first()
    if run is not None and (run.status == Run.Status.FAILED or run.is_stalled):
        address = reverse("analysis:run", args=[slug, run.uuid])
        yield Step(_("The last analysis came to no end: see why"), address, urgent=True)
    draft = consultation.specs.filter(status=SpecVersion.Status.DRAFT).only("number").first()
    if draft is not None:
        address = reverse("specs:version", args=[slug, draft.number])
        yield Step(
            _("Read the draft of version %(number)s, then publish it") % {"number": draft.number},
            address,
        )


def _moderation(consultation: Consultation, waiting: dict[str, int]) -> Iterator[Step]:
    queue = reverse("statements:queue", args=[consultation.slug])
    if count := waiting["appeals"]:
        text = ngettext("Answer %(n)s appeal", "Answer %(n)s appeals", count) % {"n": count}
        yield Step(text, f"{queue}?state=appeals", urgent=True)
    if count := waiting["flagged"]:
        text = ngettext(
            "Read %(n)s statement that was reported",
            "Read %(n)s statements that were reported",
            count,
        )
        yield Step(text % {"n": count}, f"{queue}?state=flagged", urgent=True)
    if count := waiting["second"]:
        text = ngettext(
            "Read %(n)s statement as second reader", "Read %(n)s statements as second reader", count
        )
        yield Step(text % {"n": count}, f"{queue}?state=second")
    if count := waiting["waiting"]:
        since = oldest_wait(consultation) or timezone.now()
        text = ngettext(
            "Read %(n)s new statement; it has waited %(age)s",
            "Read %(n)s new statements; the oldest has waited %(age)s",
            count,
        )
        yield Step(
            text % {"n": count, "age": timesince(since, depth=1)},
            f"{queue}?state=waiting",
            urgent=_is_long(since),
        )


def _is_long(since: datetime) -> bool:
    return timezone.now() - since > LONG


def _running(consultation: Consultation) -> Iterator[Step]:
    slug, phase, today = consultation.slug, consultation.phase, timezone.now().date()
    closes, phases = consultation.closes_on, reverse("consultations:change_phase", args=[slug])
    if phase == Phase.DRAFT:
        missing = sum(not item.is_met for item in checklist(consultation))
        if missing:
            text = ngettext(
                "Before it can open: %(n)s point of the checklist is missing",
                "Before it can open: %(n)s points of the checklist are missing",
                missing,
            )
            yield Step(text % {"n": missing}, reverse("pages:setup", args=[slug]))
        else:
            yield Step(_("Everything is there: open the consultation"), phases)
    if phase in (Phase.COLLECT, Phase.REACT) and closes is not None:
        day = date_format(closes, "DATE_FORMAT")
        if closes < today:
            text = _("It closed on %(day)s: move to the review") % {"day": day}
            yield Step(text, phases, urgent=True)
        elif closes - today <= SOON:
            yield Step(_("It closes on %(day)s") % {"day": day}, phases)
    if phase == Phase.REVIEW and not consultation.runs.filter(status=Run.Status.DONE).exists():
        yield Step(_("Start the analysis"), reverse("specs:runs", args=[slug]))
    if phase == Phase.PUBLISHED and not consultation.reply:
        text = _("Tell people what you answer to their result")
        yield Step(text, reverse("specs:versions", args=[slug]))
