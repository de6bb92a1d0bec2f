"""Real runs obey what people decided about claims and themes, also after new statements."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregation.spec import from_bytes
from aggregation.types import Contradiction, Curation
from civic.accounts.models import User
from civic.analysis.findings import themes_of
from civic.analysis.models import Run
from civic.analysis.pipeline import execute
from civic.analysis.services import request_run
from civic.analysis.snapshot import freeze
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.curation import selectors, services, themes
from civic.curation.models import Kind, Suggestion
from civic.reactions.models import Reaction
from civic.statements.models import Claim

NewClaim = Callable[..., Claim]


def run_now(consultation: Consultation, alice: User) -> Run:
    queued = request_run(consultation, by=alice, seed=3)
    queued.aggregation_settings |= {"embedder": "hashing", "bootstrap": 5}
    queued.save(update_fields=["aggregation_settings"])
    execute(queued.pk)
    queued.refresh_from_db()
    assert queued.status == Run.Status.DONE, queued.error
    return queued


SENTENCES = (
    "AI should be kind to everybody.",
    "AI must never lie to people.",
    "AI should explain its reasons.",
    "AI should ask before it acts.",
    "AI should keep secrets from the police.",
    "AI should report crimes to the police.",
    "AI should speak like a friend.",
    "AI should speak like a machine.",
)


@pytest.fixture
def voted(consultation: Consultation, new_claim: NewClaim) -> list[Claim]:
    """Six claims that nearly all of 120 people agree with, and two that divide them in halves."""
    claims = [new_claim(text) for text in SENTENCES]
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{number}", is_participant=True)
        for number in range(120)
    )
    Reaction.objects.bulk_create(
        Reaction(claim=claim, participant=person, value=value_of(row, column), served=True)
        for row, person in enumerate(people)
        for column, claim in enumerate(claims)
    )
    return claims


def value_of(person: int, claim: int) -> str:
    if claim > 5:
        return "agree" if (person % 2 == 0) == (claim == 6) else "disagree"
    return "unsure" if (person * 7 + claim) % 31 == 0 else "agree"


def norms_among(run: Run, claims: list[Claim]) -> int:
    """How many of these claims are norms of the spec that a run made."""
    wanted = {one.key for one in claims}
    clauses = from_bytes(files.read(run.outcome_file))["clauses"]
    return sum(c["claim"] in wanted and c["status"] in ("adopted", "provisional") for c in clauses)


def test_decisions_survive_a_run_with_new_statements(
    voted: list[Claim], consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """A joining, a title and a verdict are obeyed by the next run and by the one after it."""
    first = run_now(consultation, alice)
    assert norms_among(first, voted[4:6]) == 2
    shown = themes_of(first)
    theme = shown.of_claim[voted[0].key]
    about = {"by": alice, "reason": "Because."}
    services.merge_claims(consultation, kept=voted[2], folded=voted[3], **about)
    themes.rename_theme(
        consultation, themes=shown.titles, theme=theme, title="Good manners", **about
    )
    services.judge_contradiction(
        consultation, first=voted[4], second=voted[5], verdict=Kind.OPPOSED, **about
    )
    for number in range(2):
        new_claim(f"AI should be quick in case {number}.")
        run = run_now(consultation, alice)
        assert freeze(run)[0].curation == Curation(
            together=((voted[2].key, voted[3].key),),
            contradictions=(Contradiction(voted[4].key, voted[5].key, confirmed=True),),
            titles=((theme, "Good manners"),),
        )
        found = from_bytes(files.read(run.outcome_file))
        clauses = {clause["claim"]: clause for clause in found["clauses"]}
        folded = clauses[voted[3].key]
        assert folded["reason"]["code"] == "represented_by"
        assert folded["reason"]["clause"] == clauses[voted[2].key]["id"]
        assert folded["text"] == SENTENCES[3]
        assert {one["id"]: one["title"] for one in found["sections"]}[theme] == "Good manners"
        assert themes_of(run).of_claim[voted[0].key] == theme
        assert norms_among(run, voted[4:6]) == 1


def test_real_runs_suggest_and_stop_suggesting(
    voted: list[Claim], consultation: Consultation, alice: User
) -> None:
    """What a run finds is listed; what was decided about it the next run does not list again."""
    run_now(consultation, alice)
    found = selectors.suggestions(consultation, Suggestion.Kind.CONTRADICTION)
    found += selectors.suggestions(consultation, Suggestion.Kind.DUPLICATE)
    assert all(one.evidence["why"] for one in found)
    about = {"by": alice, "reason": "Read both."}
    for one in found:
        pair = {"first": one.first, "second": one.second}
        if one.kind == Suggestion.Kind.DUPLICATE:
            services.keep_apart(consultation, **pair, **about)
        else:
            services.judge_contradiction(consultation, verdict=Kind.COMPATIBLE, **pair, **about)
    run_now(consultation, alice)
    for kind in Suggestion.Kind:
        assert selectors.suggestions(consultation, kind) == []
