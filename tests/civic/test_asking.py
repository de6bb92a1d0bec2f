"""What an analysis suggests, and the either/or questions that come of it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from aggregation.stance import Answers, Evidence
from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.curation import asking, selectors, services
from civic.curation.models import Answer, Kind, Question, Suggestion
from civic.curation.suggesting import MOST, Found, replace_suggestions
from civic.errors import ConsultationClosed, Invalid, NotFound
from civic.statements.models import Claim, Statement

NewClaim = Callable[..., Claim]
DUPLICATE, CONTRADICTION = Suggestion.Kind.DUPLICATE, Suggestion.Kind.CONTRADICTION


def evidence(first: Claim, second: Claim, *, score: float = 0.5) -> Found:
    """What an analysis says about a pair, as it is stored."""
    told = Evidence(
        first.key,
        second.key,
        similarity=0.7,
        both=40,
        association=-1.5,
        lo=-2.0,
        hi=-1.0,
        agree_both=3,
        source="both",
        score=score,
    )
    return Found(CONTRADICTION, first.key, second.key, dataclasses.asdict(told) | {"why": told.why})


@pytest.fixture
def pairs(consultation: Consultation, new_claim: NewClaim) -> list[tuple[Claim, Claim]]:
    """Three pairs that may contradict each other, in the order in which an analysis names them."""
    made = [
        (new_claim(f"AI should always {act}."), new_claim(f"AI should never {act}."))
        for act in ("answer", "warn", "wait")
    ]
    found = [evidence(first, second) for first, second in made]
    replace_suggestions(consultation, run=uuid.uuid4(), found=found)
    return made


def listed(consultation: Consultation, kind: str = CONTRADICTION) -> list[tuple[Claim, Claim]]:
    return [(one.first, one.second) for one in selectors.suggestions(consultation, kind)]


# --- Suggestions


def test_suggestions_keep_the_order_of_the_analysis(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]]
) -> None:
    """The most telling pair comes first, with its reason in words."""
    assert listed(consultation) == pairs
    (first, *_) = selectors.suggestions(consultation, CONTRADICTION)
    assert first.evidence["why"].endswith("tends to disagree with the other.")


def test_the_same_run_stored_twice_leaves_the_same_rows(
    consultation: Consultation, new_claim: NewClaim
) -> None:
    """Whatever was stored halfway before, and whichever way round a pair is named."""
    one, other = new_claim("AI should talk."), new_claim("AI should not talk.")
    run = uuid.uuid4()
    for _ in range(2):
        replace_suggestions(
            consultation,
            run=run,
            found=[evidence(one, other), evidence(other, one), Found(DUPLICATE, one.key, "gone")],
        )
    assert [(s.kind, s.first, s.second, s.position) for s in Suggestion.objects.all()] == [
        (CONTRADICTION, one, other, 0)
    ]


def test_the_next_analysis_replaces_what_the_last_one_suggested(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]]
) -> None:
    """What it no longer says is no longer listed."""
    replace_suggestions(consultation, run=uuid.uuid4(), found=[evidence(*pairs[2])])
    assert listed(consultation) == [pairs[2]]


def test_a_person_gets_no_endless_list(consultation: Consultation, new_claim: NewClaim) -> None:
    """Of each kind the most telling ones, up to a limit."""
    claims = [new_claim(f"AI should be kind {number}.") for number in range(26)]
    found = [
        Found(DUPLICATE, one.key, other.key, {"why": "Near."})
        for place, one in enumerate(claims)
        for other in claims[place + 1 :]
    ]
    assert len(found) > MOST
    replace_suggestions(consultation, run=uuid.uuid4(), found=found)
    assert len(listed(consultation, DUPLICATE)) == MOST


def test_what_was_decided_does_not_come_back(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]], alice: User
) -> None:
    """Settled pairs are not suggested again, however often an analysis finds them."""
    about = {"by": alice, "reason": "Read both."}
    judge = services.judge_contradiction
    for (first, second), verdict in zip(
        pairs, (Kind.OPPOSED, Kind.COMPATIBLE, Kind.LEFT_OPEN), strict=True
    ):
        judge(consultation, first=first, second=second, verdict=verdict, **about)
    replace_suggestions(consultation, run=uuid.uuid4(), found=[evidence(*pair) for pair in pairs])
    assert listed(consultation) == [pairs[2]]
    undone = selectors.standing(consultation).get(kind=Kind.COMPATIBLE)
    services.undo_decision(undone, **about)
    assert listed(consultation) == [pairs[1], pairs[2]]  # what was left open comes last


def test_pairs_that_are_joined_or_kept_apart_are_not_suggested_as_the_same(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]], alice: User
) -> None:
    """Both ways of deciding settle it; so does a statement that went out of sight."""
    found = [Found(DUPLICATE, one.key, two.key, {"why": "Near."}) for one, two in pairs]
    replace_suggestions(consultation, run=uuid.uuid4(), found=found)
    about = {"by": alice, "reason": "Read both."}
    services.merge_claims(consultation, kept=pairs[0][0], folded=pairs[0][1], **about)
    services.keep_apart(consultation, first=pairs[1][1], second=pairs[1][0], **about)
    assert listed(consultation, DUPLICATE) == [pairs[2]]
    Statement.objects.filter(pk=pairs[2][0].statement_id).update(
        moderation="rejected", moderation_reason="Spam."
    )
    assert listed(consultation, DUPLICATE) == []


# --- Questions


def test_a_question_waits_until_it_is_answered(
    pairs: list[tuple[Claim, Claim]], member: Membership
) -> None:
    """Reloading puts the same one; after all three there is none."""
    seen: list[Question] = []
    while (question := asking.next_question(member)) is not None:
        assert asking.next_question(member) == question
        assert asking.has_question(member)
        seen.append(question)
        asking.answer_question(question, value="both")
    assert {(one.first, one.second) for one in seen} == set(pairs)
    assert not asking.has_question(member)
    assert Question.objects.count() == 3


def test_the_recorded_seed_tells_pair_and_order(
    pairs: list[tuple[Claim, Claim]], member: Membership
) -> None:
    """Whoever checks the lot draws the same pair, order and probability from it."""
    question = asking.next_question(member)
    found = {
        (one.first_id, one.second_id): asking.evidence_of(one)
        for one in selectors.suggestions(member.consultation, CONTRADICTION)
    }
    again = asking.draw(found, {}, seed=question.seed)
    assert again.pair == (question.first_id, question.second_id)
    assert (again.swapped, again.probability) == (question.swapped, question.probability)
    assert question.probability == pytest.approx(1 / 3)


def test_each_pair_and_each_order_has_its_share(pairs: list[tuple[Claim, Claim]]) -> None:
    """Over 600 seeds all three pairs come up about equally often, and so do both orders."""
    found = {
        (one.first_id, one.second_id): asking.evidence_of(one)
        for one in selectors.suggestions(pairs[0][0].consultation, CONTRADICTION)
    }
    drawn = [asking.draw(found, {}, seed=seed) for seed in range(600)]
    counts = np.unique([one.pair[0] for one in drawn], return_counts=True)[1]
    assert counts.min() > 150
    assert 240 < sum(one.swapped for one in drawn) < 360


def test_nobody_is_asked_about_her_own_words(
    consultation: Consultation, member: Membership, new_claim: NewClaim
) -> None:
    """Neither where she wrote one of the two nor where her sentence was merged into it."""
    mine, other = new_claim("AI should talk.", author=member), new_claim("AI should not talk.")
    replace_suggestions(consultation, run=uuid.uuid4(), found=[evidence(mine, other)])
    assert asking.next_question(member) is None
    assert not asking.has_question(member)


def test_only_the_latest_answer_counts(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]], member: Membership
) -> None:
    """Twice the same is one row, a changed mind a second one; each leaves one entry."""
    question = asking.next_question(member)
    for value in ("first", "first", "both"):
        asking.answer_question(question, value=value)
    assert list(question.answers.order_by("pk").values_list("value", "is_latest")) == [
        ("first", False),
        ("both", True),
    ]
    assert asking.tallies(consultation) == {
        (question.first_id, question.second_id): Answers(both=1)
    }
    assert Entry.objects.filter(action="question.answered").count() == 2
    assert [one.value for one in asking.answers_of(member)] == ["both"]


def test_answers_about_words_that_became_ones_own_do_not_count(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]], member: Membership
) -> None:
    """Kept as not served: she would speak for herself."""
    question = asking.next_question(member)
    Statement.objects.filter(pk=question.first.statement_id).update(author=member)
    assert not asking.answer_question(question, value="first").served
    assert asking.tallies(consultation) == {}


def test_an_answer_is_one_of_five_and_in_season(
    pairs: list[tuple[Claim, Claim]], member: Membership, consultation: Consultation
) -> None:
    """Anything else is refused by name, and so is an answer when reacting is over."""
    question = asking.next_question(member)
    with pytest.raises(Invalid, match="no answer “agree”"):
        asking.answer_question(question, value="agree")
    open_phase(consultation, phase="review")
    question.participant.consultation.refresh_from_db()
    with pytest.raises(ConsultationClosed):
        asking.answer_question(question, value="first")
    assert asking.next_question(question.participant) is None


def test_a_question_about_hidden_words_is_over(
    pairs: list[tuple[Claim, Claim]], member: Membership
) -> None:
    """It cannot be answered any more, and another one comes."""
    question = asking.next_question(member)
    Statement.objects.filter(pk=question.second.statement_id).update(
        moderation="rejected", moderation_reason="Spam."
    )
    with pytest.raises(NotFound):
        asking.answer_question(question, value="first")
    assert asking.next_question(member) != question


def answer_all(people: Sequence[Membership], pair: tuple[Claim, Claim], value: str) -> None:
    """Each of these people gives this answer to the pair."""
    for person in people:
        question = Question.objects.create(
            first=pair[0], second=pair[1], participant=person, seed=1, swapped=False, probability=1
        )
        Answer.objects.create(question=question, value=value, served=True)


def test_a_pair_that_citizens_settled_is_asked_no_more(
    consultation: Consultation, pairs: list[tuple[Claim, Claim]], member: Membership
) -> None:
    """Sixty people who all took a side have said enough; the pair stays with the organizer."""
    crowd = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{n}", is_participant=True) for n in range(60)
    )
    answer_all(crowd, pairs[0], "first")
    asked = set()
    while (question := asking.next_question(member)) is not None:
        asked.add((question.first, question.second))
        asking.answer_question(question, value="unsure")
    assert asked == set(pairs[1:])
    assert listed(consultation) == pairs
