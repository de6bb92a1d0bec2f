"""A pair of claims that an analysis suggests, the analysis, and who looks at them."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from suggested import EVIDENCE, HOSTILE, NewClaim, SignIn

from civic.accounts.models import User
from civic.analysis.models import Group, Run, Theme
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.curation.models import Suggestion
from civic.statements.models import Claim


@pytest.fixture
def pair(consultation: Consultation, new_claim: NewClaim) -> tuple[Claim, Claim]:
    """Two claims that an analysis suggests twice: as the same, and as a contradiction."""
    first, second = new_claim(f"{HOSTILE} one"), new_claim(f"{HOSTILE} two")
    for kind in Suggestion.Kind:
        Suggestion.objects.create(
            consultation=consultation,
            kind=kind,
            first=first,
            second=second,
            position=0,
            evidence=EVIDENCE,
            run=uuid.uuid4(),
        )
    return first, second


@pytest.fixture
def analysed(consultation: Consultation, pair: tuple[Claim, Claim]) -> Run:
    """A finished run with two themes and two opinion groups of fifteen people each."""
    run = Run.objects.create(consultation=consultation, status=Run.Status.DONE)
    for key in ("t/1 &", "t2"):
        Theme.objects.create(run=run, key=key, title=f"Theme {key} <i>", claims=1)
    document = {
        "sections": [{"id": key, "title": f"Theme {key} <i>"} for key in ("t/1 &", "t2")],
        "clauses": [
            {"claim": claim.key, "section": key}
            for claim, key in zip(pair, ("t/1 &", "t2"), strict=True)
        ],
    }
    run.outcome_file = files.write(f"runs/{run.uuid}/o.json", [json.dumps(document).encode()])
    people = [f"p{n:02}" for n in range(30)]
    for key in "AB":
        Group.objects.create(run=run, key=key, label=f"Group {key}", size=15, share=0.5)
    groups = {"participants": people, "labels": [n // 15 for n in range(30)], "k": 2}
    run.groups_file = files.write(f"runs/{run.uuid}/g.json", [json.dumps(groups).encode()])
    run.save()
    return run


@pytest.fixture
def organizer(sign_in: SignIn, alice: User) -> Client:
    return sign_in(alice)
