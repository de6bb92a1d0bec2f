"""Acts on specs: ask for the next version, draft it, publish it, withdraw it, reply to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.analysis.services import request_run
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid, NotReady, ReasonRequired
from civic.specs import announcing, report_files, sealing, tasks
from civic.specs.models import Clause, Evidence, SpecVersion
from civic.specs.privacy import report_on
from civic.specs.selectors import latest_public
from civic.specs.verifying import holds, verification_of
from civic.texts import fit

MAX_SIGNATURE, MAX_ANNOUNCEMENT, MAX_REASON, MAX_REPLY = 200, 4000, 2000, 20_000  # characters
REPLIED = "consultation.replied"
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
        raise NotReady(_("The analysis is not done yet."))
    Consultation.objects.select_for_update().get(pk=run.consultation_id)
    # As it is now: somebody may have had words erased while we waited for the lock.
    run = Run.objects.select_related("consultation").get(pk=run.pk)
    content = sealing.rooted(files.read(run.outcome_file))
    document = json.loads(content)
    number = document["version"]
    rivals = SpecVersion.objects.filter(consultation=run.consultation, number=number)
    same = rivals.filter(run=run).first()
    if same is not None:
        return same
    if rivals.exclude(status=SpecVersion.Status.DRAFT).exists():
        raise Conflict(
            _("Version %(number)s is published already; start a new analysis.") % {"number": number}
        )
    for rival in rivals:  # A print of it would outlive it, and whoever has her words erased.
        transaction.on_commit(partial(report_files.forget, rival))
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
    tasks.verify_draft.delay_on_commit(spec.pk)
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


def publish_spec(
    spec: SpecVersion, *, by: User | None = None, signed_as: str = "", announcement: str = ""
) -> SpecVersion:
    """Make a draft public for good. Publishing the same version twice changes nothing.

    signed_as : name and office of whoever answers for it; announcement : words to the public

    Raises Conflict where the draft tells something about few people, where a number does not follow
    from the votes, or where it quotes a statement that is no longer shown.
    """
    spec.consultation.require_open(Act.PUBLISH_SPEC)
    if spec.status == SpecVersion.Status.DRAFT:
        require_verified(spec)  # Before the transaction: it may take seconds.
    return _publish(
        spec,
        by=by,
        signed_as=_bounded(" ".join(signed_as.split()), MAX_SIGNATURE, _("Signature")),
        announcement=_bounded(announcement, MAX_ANNOUNCEMENT, _("Announcement")),
    )


@transaction.atomic
def _publish(
    spec: SpecVersion, *, by: User | None, signed_as: str, announcement: str
) -> SpecVersion:
    Consultation.objects.select_for_update().get(pk=spec.consultation_id)
    if spec.status == SpecVersion.Status.DRAFT:
        require_private(spec)
    # The very bytes that were verified: somebody may have had words erased since.
    draft = SpecVersion.objects.filter(
        pk=spec.pk, status=SpecVersion.Status.DRAFT, sha256=spec.sha256
    )
    changed = draft.update(
        status=SpecVersion.Status.PUBLISHED,
        published_at=timezone.now(),
        published_by=by,
        signed_as=signed_as,
        announcement=announcement,
    )
    spec.refresh_from_db()
    if not changed:
        if spec.status == SpecVersion.Status.WITHDRAWN:
            raise Conflict(_("A withdrawn version stays withdrawn; draft a new one."))
        if spec.status == SpecVersion.Status.DRAFT:
            raise Conflict
        return spec
    record(
        "spec.published",
        subject=spec,
        actor=by.audit_key if by else "",
        content={"sha256": spec.sha256, "signed_as": signed_as, "announcement": announcement},
    )
    tasks.sign_specs.delay_on_commit()
    announcing.tell(spec, announcing.PUBLISHED)
    tasks.print_report.delay_on_commit(spec.pk, report_files.usual_language(spec.consultation))
    return spec


def require_verified(spec: SpecVersion) -> None:
    """Go on where every number of the version follows from the votes it was made from."""
    found = verification_of(spec)
    if not found["has_votes"]:
        raise Conflict(
            _("The votes behind this draft are gone, so nobody can check it. Analyse again.")
        )
    if not holds(found):
        raise Conflict(
            _("%(count)s numbers do not follow from the votes (first: %(first)s). Analyse again.")
            % {"count": found["failures"], "first": next(iter(found["failed"]), "?")}
        )


def require_private(spec: SpecVersion) -> None:
    """Go on where the version keeps every promise about single people."""
    failed = report_on(spec, spec.load()).failed
    if failed:
        raise Conflict(
            _("Not published. %(promise)s: %(found)s")
            % {"promise": failed[0].title, "found": failed[0].found}
        )


@transaction.atomic
def withdraw_spec(spec: SpecVersion, *, by: User, reason: str) -> SpecVersion:
    """Take a published version back; its number, digest and the reason stay public."""
    reason = _bounded(reason, MAX_REASON, _("Reason"))
    if not reason:
        raise ReasonRequired
    published = SpecVersion.objects.filter(pk=spec.pk, status=SpecVersion.Status.PUBLISHED)
    if not published.update(
        status=SpecVersion.Status.WITHDRAWN,
        withdrawn_at=timezone.now(),
        withdrawal_reason=reason,
    ):
        raise Conflict(_("Only a published version can be withdrawn."))
    spec.refresh_from_db()
    transaction.on_commit(partial(report_files.forget, spec))
    content = {"sha256": spec.sha256, "reason": reason}
    record("spec.withdrawn", subject=spec, actor=by.audit_key, content=content)
    announcing.tell(spec, announcing.WITHDRAWN, reason=reason)
    return spec


@transaction.atomic
def reply_to_result(consultation: Consultation, *, by: User, text: str) -> Consultation:
    """Say in public what the organizers make of the result. Without words the reply is taken away.

    Raises Conflict before anything was published, and where nothing would change.
    """
    text = _bounded(text, MAX_REPLY, _("Reply"))
    if latest_public(consultation) is None:
        raise Conflict(_("There is no published result to reply to yet."))
    if text == consultation.reply:
        raise Conflict(_("This is the reply that stands already; nothing was changed."))
    consultation.reply = text
    consultation.replied_at = timezone.now() if text else None
    consultation.save(update_fields=["reply", "replied_at"])
    record(REPLIED, subject=consultation, actor=by.audit_key, content={"text": text})
    return consultation


def _bounded(text: str, most: int, name: str) -> str:
    """The text as it is kept, if it is no longer than it may be."""
    found = text.strip()
    if len(found) > most:
        raise Invalid(
            _("%(name)s: %(length)s characters are too many; the limit is %(most)s. Shorten it.")
            % {"name": name, "length": len(found), "most": most}
        )
    return fit(found, most=most) if found else ""
