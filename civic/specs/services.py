"""Acts on specs: ask for the next version, draft it, publish it, withdraw it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.analysis.services import request_run
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.errors import Conflict, NotReady, ReasonRequired
from civic.specs.models import Clause, Evidence, SpecVersion
from civic.specs.selectors import latest_public
from civic.statements.models import Statement

BATCH = 500  # rows per statement: the web side must get its turn at SQLite


def start_run(
    consultation: Consultation,
    *,
    by: User | None = None,
    seed: int = 0,
    policy: Mapping[str, object] | None = None,
) -> Run:
    """Queue the analysis from which the next version can be drafted."""
    earlier = latest_public(consultation)
    return request_run(
        consultation,
        by=by,
        seed=seed,
        policy=policy,
        version=earlier.number + 1 if earlier else 1,
        previous=bytes(earlier.document) if earlier else None,
        previous_run=earlier.run if earlier else None,
    )


@transaction.atomic
def draft_spec(run: Run, *, by: User | None = None) -> SpecVersion:
    """Make a draft of what a run found; an unpublished draft of the same number gives way.

    Raises NotReady before the run is done, Conflict where its number is published already.
    """
    run.consultation.require_open(Act.DRAFT_SPEC)
    if run.status != Run.Status.DONE:
        raise NotReady("The analysis is not done yet.")
    Consultation.objects.select_for_update().get(pk=run.consultation_id)
    content = files.read(run.outcome_file)
    document = json.loads(content)
    number = document["version"]
    rivals = SpecVersion.objects.filter(consultation=run.consultation, number=number)
    same = rivals.filter(run=run).first()
    if same is not None:
        return same
    if rivals.exclude(status=SpecVersion.Status.DRAFT).exists():
        raise Conflict(f"Version {number} is published already; start a new analysis.")
    rivals.delete()
    spec = SpecVersion.objects.create(
        consultation=run.consultation,
        run=run,
        number=number,
        document=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    write_clauses(spec, document["clauses"])
    actor = by.audit_key if by else ""
    record("spec.drafted", subject=spec, actor=actor, content={"sha256": spec.sha256})
    return spec


def write_clauses(spec: SpecVersion, clauses: list[dict[str, Any]]) -> None:
    """Store clauses and their passages as rows, in the document's order."""
    claims = dict(spec.consultation.claims.values_list("key", "pk"))
    statements = dict(spec.consultation.statements.values_list("key", "pk"))
    rows = [
        Clause(
            spec=spec,
            key=clause["id"],
            position=position,
            claim_id=claims.get(clause["claim"]),
            text=clause["text"],
            status=clause["status"],
            tier=clause["tier"],
            modality=clause["modality"],
            authority=clause["authority"] or "",
            stance=clause["stance"],
            section=clause["section"] or "",
            reason_code=clause["reason"]["code"],
            reason=clause["reason"]["text"],
            weight=clause["weight"],
            data=clause,
        )
        for position, clause in enumerate(clauses)
    ]
    Clause.objects.bulk_create(rows, batch_size=BATCH)
    keys = dict(spec.clauses.values_list("key", "pk"))
    passages = [
        Evidence(
            clause_id=keys[clause["id"]],
            statement_id=statements.get(passage["statement"]),
            start=passage["start"],
            end=passage["end"],
            quote=passage["quote"],
            language=passage["language"],
            role=passage["role"],
        )
        for clause in clauses
        for passage in clause["evidence"]
    ]
    Evidence.objects.bulk_create(passages, batch_size=BATCH)


@transaction.atomic
def publish_spec(spec: SpecVersion, *, by: User | None = None) -> SpecVersion:
    """Make a draft public for good. Publishing the same version twice changes nothing.

    Raises Conflict where the draft quotes a statement that is no longer shown.
    """
    spec.consultation.require_open(Act.PUBLISH_SPEC)
    Consultation.objects.select_for_update().get(pk=spec.consultation_id)
    if spec.status == SpecVersion.Status.DRAFT:
        _require_shown(spec)
    draft = SpecVersion.objects.filter(pk=spec.pk, status=SpecVersion.Status.DRAFT)
    changed = draft.update(
        status=SpecVersion.Status.PUBLISHED, published_at=timezone.now(), published_by=by
    )
    spec.refresh_from_db()
    if not changed:
        if spec.status == SpecVersion.Status.WITHDRAWN:
            raise Conflict("A withdrawn version stays withdrawn; draft a new one.")
        return spec
    actor = by.audit_key if by else ""
    record("spec.published", subject=spec, actor=actor, content={"sha256": spec.sha256})
    return spec


def _require_shown(spec: SpecVersion) -> None:
    """Nothing is published that its author took back, or a moderator hid, since it was analysed."""
    quoted = Evidence.objects.filter(clause__spec=spec)
    gone = quoted.exclude(statement__in=Statement.objects.shown())
    keys = sorted(set(gone.values_list("statement__key", flat=True)), key=str)
    if keys:
        raise Conflict(
            f"{len(keys)} quoted statements were withdrawn or hidden since this draft was made "
            f"(the first is {keys[0]}). Start a new analysis and draft its result."
        )


@transaction.atomic
def withdraw_spec(spec: SpecVersion, *, by: User, reason: str) -> SpecVersion:
    """Take a published version back; its number, digest and the reason stay public."""
    if not reason.strip():
        raise ReasonRequired
    published = SpecVersion.objects.filter(pk=spec.pk, status=SpecVersion.Status.PUBLISHED)
    if not published.update(
        status=SpecVersion.Status.WITHDRAWN,
        withdrawn_at=timezone.now(),
        withdrawal_reason=reason.strip(),
    ):
        raise Conflict("Only a published version can be withdrawn.")
    spec.refresh_from_db()
    content = {"sha256": spec.sha256, "reason": reason.strip()}
    record("spec.withdrawn", subject=spec, actor=by.audit_key, content=content)
    return spec
