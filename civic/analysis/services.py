"""Acts on analyses: ask for one, call one off."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import aggregation
from aggregation.errors import AggregationError
from aggregation.tiers import Policy
from civic.accounts.models import User
from civic.analysis import journal, tasks
from civic.analysis.estimate import size_of
from civic.analysis.models import Run, RunStep
from civic.analysis.steps import STEPS
from civic.audit.services import record
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid

UNFINISHED = (Run.Status.QUEUED, Run.Status.RUNNING)


@transaction.atomic
def request_run(
    consultation: Consultation,
    *,
    by: User | None = None,
    seed: int = 0,
    policy: Mapping[str, object] | None = None,
    version: int = 1,
    previous: bytes | None = None,
    previous_run: Run | None = None,
) -> Run:
    """Queue an analysis of everything said so far; pages use `specs.services.start_run`.

    policy : thresholds and budgets that differ from the default
    previous : the published spec that changes are told against, and whose clause ids are kept
    previous_run : the analysis behind it, whose opinion groups keep their letters

    Raises Conflict while another run of the consultation is under way.
    """
    consultation.require_open(Act.RUN)
    _require_sound(policy)
    _require_none_under_way(consultation)
    run = Run.objects.create(
        consultation=consultation,
        requested_by=by,
        seed=seed,
        code_version=aggregation.__version__,
        aggregation_settings=_settings(consultation, policy=policy, version=version),
        previous_document=previous,
        previous_run=previous_run,
        figures=size_of(consultation).figures,
    )
    RunStep.objects.bulk_create(
        RunStep(run=run, position=position, name=name) for position, name in enumerate(STEPS)
    )
    journal.note(run, journal.ASKED)
    actor = by.audit_key if by else ""
    record("run.requested", subject=run, actor=actor, content={"seed": seed, "version": version})
    tasks.execute_run.delay_on_commit(run.pk)
    return run


def _settings(
    consultation: Consultation, *, policy: Mapping[str, object] | None, version: int
) -> dict[str, object]:
    """All that decides, beside what people said, what comes out."""
    return {
        "policy": dict(policy or {}),
        "version": version,
        "embedder": settings.EMBEDDER,
        "routes": settings.EMBED_ROUTES,
        "least_cell": consultation.k,
    }


def _require_sound(policy: Mapping[str, object] | None) -> None:
    """Go on, or raise Invalid with what makes no sense about the policy."""
    try:
        Policy.from_dict(dict(policy or {}))
    except AggregationError as error:
        raise Invalid(str(error)) from error


def _require_none_under_way(consultation: Consultation) -> None:
    """Go on, alone until the transaction ends, or raise Conflict."""
    Consultation.objects.select_for_update().get(pk=consultation.pk)
    if consultation.runs.filter(status__in=UNFINISHED).exists():
        raise Conflict(
            _("An analysis of this consultation is under way; wait for it or cancel it.")
        )


@transaction.atomic
def cancel_run(run: Run, *, by: User) -> None:
    """Call a run off; its worker stops at the next step. A finished run stays as it is."""
    unfinished = Run.objects.filter(pk=run.pk, status__in=UNFINISHED)
    if not unfinished.update(
        status=Run.Status.CANCELLED, finished_at=timezone.now(), lease_until=None
    ):
        raise Conflict(_("This analysis is over already."))
    run.refresh_from_db()
    journal.note(run, journal.CANCELLED)
    record("run.cancelled", subject=run, actor=by.audit_key)
