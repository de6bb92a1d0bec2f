"""Acts of setting a consultation up: save a step, open it, move to a phase, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.blueprints import opens_into
from civic.consultations.checklist import LEAST_K, WITH_PEOPLE, missing
from civic.consultations.locks import locks_on
from civic.consultations.models import Consultation
from civic.consultations.phases import Phase
from civic.consultations.services import fitting_title, open_phase
from civic.consultations.steps import BY_NAME, STEPS
from civic.errors import Conflict, Invalid

UNDER_WAY = ("queued", "running")


@transaction.atomic
def save_step(
    consultation: Consultation, *, step: str, fields: Mapping[str, Any], by: User
) -> list[str]:
    """Keep what one step sets, and that it was saved; returns the names of what changed.

    Raises Conflict with the reason where something may no longer change.
    """
    # Read again under the lock: another step may have been saved since this page was opened.
    consultation.refresh_from_db(from_queryset=_locked())
    unknown = set(fields) - set(BY_NAME[step].fields)
    if unknown:
        raise Invalid(
            _("The step “%(step)s” does not set “%(field)s”.")
            % {"step": step, "field": min(unknown)}
        )
    if "title" in fields:
        fields = {**fields, "title": fitting_title(fields["title"])}
    changed = {name: new for name, new in fields.items() if getattr(consultation, name) != new}
    _require_changeable(consultation, changed)
    _require_sound(consultation, changed)
    for name, new in changed.items():
        setattr(consultation, name, new)
    if step not in consultation.steps_saved:
        consultation.steps_saved = [*consultation.steps_saved, step]
    consultation.save(update_fields=[*changed, "steps_saved"])
    told = {
        name: new.isoformat() if isinstance(new, date) else new for name, new in changed.items()
    }
    content = {"step": step, "changed": told}
    record("consultation.step_saved", subject=consultation, actor=by.audit_key, content=content)
    return sorted(changed)


@transaction.atomic
def change_consultation(
    consultation: Consultation, *, fields: Mapping[str, Any], by: User
) -> Consultation:
    """Keep what is given, step by step; all of it or nothing.

    Raises Conflict with the reason where something may no longer change.
    """
    for step in STEPS:
        given = {name: fields[name] for name in step.fields if name in fields}
        if given:
            save_step(consultation, step=step.name, fields=given, by=by)
    return consultation


def _locked() -> QuerySet[Consultation]:
    return Consultation.objects.select_for_update()


def _require_changeable(consultation: Consultation, changed: Mapping[str, Any]) -> None:
    """Go on, or raise Conflict with the reason of the first lock that holds."""
    if not changed:
        return
    for name, lock in locks_on(consultation).items():
        if name not in changed:
            continue
        if lock.lets is None or not lock.lets(getattr(consultation, name), changed[name]):
            raise Conflict(str(lock.reason))


def _require_sound(consultation: Consultation, changed: Mapping[str, Any]) -> None:
    """Go on, or raise Invalid with the rule that a value breaks and the remedy."""
    if changed.get("k", LEAST_K) < LEAST_K:
        raise Invalid(_("The smallest number shown is at least %(least)s.") % {"least": LEAST_K})
    opens = changed.get("opens_on", consultation.opens_on)
    closes = changed.get("closes_on", consultation.closes_on)
    if opens and closes and closes < opens:
        raise Invalid(_("It closes before it opens: choose a later day of closing."))
    if changed.get("closes_on") and closes < timezone.now().date():
        raise Invalid(_("The day of closing is over: choose today or a later day."))


@transaction.atomic
def open_first(consultation: Consultation, *, by: User) -> bool:
    """Leave the draft for the phase that its blueprint leads to, once; False where it was left.

    Raises Conflict with the remedy of the first thing that is missing.
    """
    consultation.refresh_from_db(from_queryset=_locked())
    if consultation.phase != Phase.DRAFT:
        return False
    phase = opens_into(consultation)
    lacking = missing(consultation, phase=phase)
    if lacking:
        raise Conflict(_("Not ready to open: %(remedy)s") % {"remedy": lacking[0].rule.remedy})
    save_step(consultation, step="publish", fields={}, by=by)
    open_phase(consultation, phase=phase, by=by)
    return True


def move_to_phase(consultation: Consultation, *, phase: str, by: User) -> Consultation:
    """Open a phase by hand. People are let in only where the checklist is met."""
    if phase not in Phase.values:
        raise Invalid(_("There is no phase “%(phase)s”.") % {"phase": phase})
    if phase in WITH_PEOPLE and consultation.phase not in WITH_PEOPLE:
        lacking = missing(consultation, phase=Phase(phase))
        if lacking:
            raise Conflict(_("Not ready to open: %(remedy)s") % {"remedy": lacking[0].rule.remedy})
    return open_phase(consultation, phase=phase, by=by)


@transaction.atomic
def delete_consultation(consultation: Consultation, *, by: User, typed: str) -> None:
    """Delete everything that belongs to it, files included; the record of acts stays.

    Raises Invalid where the title was not typed, Conflict while a published spec stands or
    something is under way.
    """
    if typed.strip() != consultation.title.strip():
        raise Invalid(_("Type the title exactly as it stands above."))
    if consultation.specs.filter(status="published").exists():
        raise Conflict(
            _("Withdraw the published versions first: whoever relies on them has to be told.")
        )
    works = (consultation.runs, consultation.import_jobs, consultation.preparations)
    if any(rows.filter(status__in=UNDER_WAY).exists() for rows in works):
        raise Conflict(_("Something is under way here: wait until it is done, or cancel it."))
    folders = [
        f"{folder}/{row.uuid}"
        for folder, rows in zip(("runs", "imports", "preparations"), works, strict=True)
        for row in rows.all()
    ]
    folders += [f"specs/{uuid}" for uuid in consultation.specs.values_list("uuid", flat=True)]
    record("consultation.deleted", subject=consultation, actor=by.audit_key)
    consultation.specs.all().delete()  # They hold on to their runs.
    consultation.delete()
    transaction.on_commit(lambda: [files.remove_folder(name) for name in folders])
