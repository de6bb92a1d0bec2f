"""Whether a version's numbers follow from its votes: computed once by whoever comes first."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from aggregation.certify import verify
from aggregation.run import answered
from civic.analysis.snapshot import unpack
from civic.consultations import files
from civic.specs.models import SpecVersion

NAMED = 20  # failed checks that are kept by name


def verification_of(spec: SpecVersion) -> dict[str, Any]:
    """What is known of a version's numbers; computed now (seconds) where it is not known yet.

    checks : how many figures were computed again, failed : names of those that differ,
    seconds : how long it took, at : when; has_votes : whether there was anything to compute from
    """
    if not spec.verification:
        spec.verification = recomputed(spec)
        same = SpecVersion.objects.filter(pk=spec.pk, sha256=spec.sha256)
        same.update(verification=spec.verification)  # not of a document that was redacted since
    return spec.verification


def recomputed(spec: SpecVersion) -> dict[str, Any]:
    """Every stated number of a version beside one computed again from the frozen votes."""
    begun = time.perf_counter()
    document, checks = spec.load(), []
    try:
        content = files.read(spec.run.snapshot_file) if spec.run.snapshot_file else None
    except FileNotFoundError:
        content = None
    if content is not None:
        votes = unpack(content).votes
        claims = (clause["claim"] for clause in document["clauses"])
        checks = verify(document, answered(votes, claims))
    failed = [check.name for check in checks if not check.ok]
    return {
        "checks": len(checks),
        "failed": failed[:NAMED],
        "failures": len(failed),
        "has_votes": content is not None,
        "seconds": round(time.perf_counter() - begun, 2),
        "at": timezone.now().isoformat(),
    }


def holds(verification: dict[str, Any]) -> bool:
    """Whether every number was computed again and agrees."""
    return bool(verification.get("checks")) and not verification.get("failures")


def check_draft(spec_id: int) -> None:
    """The worker's side: verify a draft soon after it is made. Safe to repeat."""
    spec = SpecVersion.objects.select_related("run").filter(pk=spec_id, verification={}).first()
    if spec is not None:
        verification_of(spec)
