"""Two consultations, one public and one by invitation, with one of everything in each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver

from aggregation.spec import document_digest, to_bytes
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis.models import Run, RunStep
from civic.api.resource import Resource
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import create_consultation, grant_role, join, open_phase
from civic.curation.models import Decision, Question
from civic.intake.models import ImportJob
from civic.judging.models import MachineAnswer
from civic.specs.models import Clause, Evidence, SpecVersion
from civic.specs.webhooks.models import Webhook
from civic.statements.models import Claim, Segment, Statement

ROLES = ("nobody", "stranger", "participant", "moderator", "auditor", "organizer")
SEAL = dict.fromkeys(("document_digest", "audit_root", "signature"))
TITLE = "How should AI behave?"
BARE = {
    **{"title": TITLE, "method": {"least_cell": 10}, "clauses": [], "groups": []},
    "population": {"silence": {"participants_without_group": 0}},
    "provenance": SEAL,
}
SEALED = BARE | {"provenance": SEAL | {"document_digest": document_digest(BARE)}}
DOCUMENT = to_bytes(SEALED)  # as little of a spec as publishing looks at
VERIFIED = {"checks": 1, "failures": 0, "failed": [], "has_votes": True}


@dataclass(frozen=True)
class World:
    """One consultation with one of everything, and somebody in each role.

    `shown` and `hidden` are the participant's statements, `question` was put to her.
    """

    consultation: Consultation
    people: dict[str, User | None]
    shown: Statement
    hidden: Statement
    claim: Claim
    decision: Decision
    question: Question
    machine_answer: MachineAnswer
    job: ImportJob
    run: Run
    finished: Run
    published: SpecVersion
    draft: SpecVersion
    withdrawn: SpecVersion
    webhook: Webhook

    def client(self, role: str) -> Client:
        """A browser in which somebody with this role has signed in."""
        client = Client()
        user = self.people[role]
        if user is not None:
            client.force_login(user)
        return client


def build_world(access: str) -> World:
    people = {
        role: ensure_user(f"{role}-{access}@example.org", display_name=f"Name of {role}")
        for role in ROLES[1:]
    }
    consultation = create_consultation(
        title="How should AI behave?", slug=f"ai-{access}", by=people["organizer"], access=access
    )
    open_phase(consultation, phase=Phase.COLLECT)
    parts = {
        role: grant_role(consultation, user=people[role], role=role)
        for role in ("participant", "moderator", "auditor")
    }
    parts["participant"] = join(consultation, user=people["participant"])
    shown = new_statement(consultation, author=parts["participant"], text="AI should be kind.")
    hidden = new_statement(
        consultation,
        author=parts["participant"],
        text="Buy my watches.",
        moderation="rejected",
        moderation_reason="Advertising.",
    )
    pair = {"first": shown.claims.get(), "second": hidden.claims.get()}
    decision = Decision.objects.create(
        consultation=consultation, kind="left_open", reason="?", **pair
    )
    question = Question.objects.create(
        participant=parts["participant"], seed=7, swapped=True, probability=1.0, **pair
    )
    runs = [Run.objects.create(consultation=consultation, status=one) for one in ("queued", "done")]
    for run in runs:
        RunStep.objects.create(run=run, position=0, name="read")
    job = ImportJob.objects.create(consultation=consultation, kind="polis", status="rejected")
    specs = [
        new_spec(runs[1], number=number, status=status)
        for number, status in enumerate(("withdrawn", "published", "draft"), start=1)
    ]
    return World(
        consultation=consultation,
        people={"nobody": None, **people},
        shown=shown,
        hidden=hidden,
        claim=shown.claims.get(),
        decision=decision,
        question=question,
        machine_answer=new_answer(shown.claims.get(), key="1"),
        job=job,
        run=runs[0],
        finished=runs[1],
        withdrawn=specs[0],
        published=specs[1],
        draft=specs[2],
        webhook=Webhook.objects.create(
            consultation=consultation, url="https://example.org/", secret="whsec_c2VjcmV0"
        ),
    )


def new_answer(claim: Claim, *, key: str) -> MachineAnswer:
    """What a machine answered, to try this claim."""
    return MachineAnswer.objects.create(
        consultation=claim.consultation,
        claim=claim,
        key=key,
        prompt="Who are you?",
        text="A friend.",
        by="a machine",
        prompt_by="the organizers",
        source="a test",
    )


def new_statement(
    consultation: Consultation, *, author: Membership | None, text: str, **fields: Any
) -> Statement:
    """A one-sentence statement with its claim, accepted unless said otherwise."""
    fields = {"moderation": "accepted", "language": "en"} | fields
    statement = Statement.objects.create(
        consultation=consultation, author=author, text=text, **fields
    )
    claim = Claim.objects.create(
        consultation=consultation, statement=statement, start=0, end=len(text), language="en"
    )
    Segment.objects.create(statement=statement, start=0, end=len(text), is_norm=True, claim=claim)
    return statement


def new_spec(run: Run, *, number: int, status: str) -> SpecVersion:
    """A version with one clause that quotes every claim of the consultation."""
    spec = SpecVersion.objects.create(
        consultation=run.consultation,
        run=run,
        number=number,
        status=status,
        document=DOCUMENT,
        verification=VERIFIED,
        sha256=hashlib.sha256(DOCUMENT).hexdigest(),
    )
    claim = run.consultation.claims.order_by("pk").first()
    assert claim is not None
    new_clause(spec, claim=claim, position=0)
    return spec


def new_clause(spec: SpecVersion, *, claim: Claim, position: int) -> Clause:
    """A clause with one passage."""
    clause = Clause.objects.create(
        spec=spec,
        key=f"clause_{position}",
        position=position,
        claim=claim,
        text=claim.text,
        status="adopted",
        tier="should",
        modality="should",
        authority="developer",
        stance="affirms",
        reason_code="common_ground",
        reason="Most people in every group agree.",
        weight=1.0,
        data={},
    )
    Evidence.objects.create(
        clause=clause,
        statement=claim.statement,
        start=0,
        end=len(claim.text),
        quote=claim.text,
        language="en",
        role="source",
    )
    return clause


def routes(patterns: list[Any], *, before: str = "") -> Iterator[tuple[str, type[Resource]]]:
    """Every address of the URL conf with the view behind it."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before=address)
        else:
            assert isinstance(pattern, URLPattern)
            yield address, pattern.callback.cls
