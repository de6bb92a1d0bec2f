"""An author's word on what was read in her text, and one statement per page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from civic.accounts.models import User
from civic.analysis.snapshot import gather
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.errors import Conflict, ConsultationClosed, Invalid
from civic.reactions.services import next_claim
from civic.specs.selectors import Place, my_part
from civic.statements import pipeline
from civic.statements.authoring import judge_sentence, reword_sentence
from civic.statements.models import Claim, Segment, Statement
from civic.statements.selectors import read_back_counts
from civic.statements.services import SentAlready, submit_statement

NewClaim = Callable[..., Claim]
NewMember = Callable[[str], Membership]
KIND = "AI should be kind to everybody."


@pytest.fixture
def mine(member: Membership, new_claim: NewClaim) -> Segment:
    """Bob's sentence, a claim in its own words."""
    claim = new_claim(KIND, author=member)
    return claim.segments.select_related("statement__consultation").get()


@pytest.fixture
def hers(mine: Segment, new_member: NewMember) -> Segment:
    """Ann said nearly the same; her sentence was merged into Bob's."""
    statement = Statement.objects.create(
        consultation=mine.statement.consultation,
        author=new_member("ann"),
        text="AI should be kind to all.",
        language="en",
        moderation="accepted",
    )
    Statement.objects.filter(pk=statement.pk).update(prepared_at=statement.created_at)
    end = len(statement.text)
    return Segment.objects.create(
        statement=statement, start=0, end=end, is_norm=True, claim=mine.claim
    )


def claims_of(consultation: Consultation) -> dict[str, list[list[object]]]:
    """What an analysis would be given: claim -> its passage and those merged into it."""
    head, _votes = gather(consultation)
    return {one["id"]: [list(one["span"]), *map(list, one["members"])] for one in head["claims"]}


def test_yes_is_kept_and_recorded(mine: Segment, bob: User) -> None:
    """A confirmed sentence stays where it was; saying so twice leaves one entry."""
    judge_sentence(mine, by=bob, verdict="yes")
    judge_sentence(mine, by=bob, verdict="yes")
    assert mine.verdict == "yes"
    assert mine.judged_at is not None
    assert Claim.objects.shown().count() == 1
    assert Entry.objects.get(action="sentence.confirmed").actor == bob.audit_key


def test_what_was_not_meant_goes_out_of_sight_and_out_of_the_analysis(
    consultation: Consultation, mine: Segment, bob: User, new_member: NewMember
) -> None:
    """Nobody is asked about it any more, no analysis counts it, and the author reads why."""
    ann = new_member("ann")
    assert next_claim(ann) == mine.claim
    judge_sentence(mine, by=bob, verdict="no")
    assert next_claim(ann) is None
    assert claims_of(consultation) == {}
    (place,) = my_part(mine.statement.author)
    assert place.sentences[0].place is Place.TAKEN_BACK
    judge_sentence(mine, by=bob, verdict="")
    assert next_claim(ann) == mine.claim
    assert len(claims_of(consultation)) == 1


def test_others_carry_on_what_its_author_did_not_mean(
    consultation: Consultation, mine: Segment, hers: Segment, bob: User
) -> None:
    """The claim goes on in Ann's words; Bob's come back as one of those who say the same."""
    judge_sentence(mine, by=bob, verdict="no")
    claim = Claim.objects.shown().get()
    assert claim.text == hers.text
    assert claims_of(consultation)[claim.key] == [[hers.statement.key, 0, hers.end]]
    judge_sentence(mine, by=bob, verdict="")
    claim.refresh_from_db()
    assert claim.text == hers.text
    assert [mine.statement.key, 0, mine.end] in claims_of(consultation)[claim.key]


def test_a_merged_sentence_leaves_the_claim_to_its_first_author(
    consultation: Consultation, mine: Segment, hers: Segment
) -> None:
    """Ann takes hers back: Bob's words stand as before, with one voice less."""
    judge_sentence(hers, by=hers.statement.author.user, verdict="no")
    claim = Claim.objects.shown().get()
    assert claim.text == KIND
    assert claims_of(consultation)[claim.key] == [[mine.statement.key, 0, mine.end]]


def test_a_claim_that_nobody_means_is_brought_back_by_whoever_does(
    mine: Segment, hers: Segment, bob: User
) -> None:
    """Both take it back; the second thinks again: it stands in her words."""
    judge_sentence(mine, by=bob, verdict="no")
    judge_sentence(hers, by=hers.statement.author.user, verdict="no")
    assert not Claim.objects.shown().exists()
    judge_sentence(mine, by=bob, verdict="yes")
    assert Claim.objects.shown().get().text == KIND


def test_saying_it_differently_makes_a_statement_and_takes_the_sentence_back(
    member: Membership, mine: Segment, bob: User
) -> None:
    """The new one knows what it revises; undoing withdraws it and puts the first words back."""
    made = reword_sentence(mine, author=member, by=bob, text="AI should be polite to everybody.")
    mine.refresh_from_db()
    assert (made.revises, mine.verdict, mine.reworded_as) == (mine.statement, "no", made)
    judge_sentence(mine, by=bob, verdict="")
    made.refresh_from_db()
    assert made.withdrawn_at is not None
    assert mine.reworded_as is None
    assert Claim.objects.shown().get().text == KIND


def test_the_same_words_are_no_other_words(member: Membership, mine: Segment, bob: User) -> None:
    """Nothing changes where nothing was changed."""
    with pytest.raises(Invalid):
        reword_sentence(mine, author=member, by=bob, text=f" {KIND}\n")
    assert not Entry.objects.filter(action="sentence.taken_back").exists()


def test_other_words_that_stand_already_are_not_taken_for_new_ones(
    member: Membership, mine: Segment, bob: User
) -> None:
    """What she had said before stays when she puts the first words back; her own text is no new."""
    before = submit_statement(author=member, text="AI should be polite.")
    assert reword_sentence(mine, author=member, by=bob, text=before.text) == before
    judge_sentence(mine, by=bob, verdict="")
    before.refresh_from_db()
    assert before.withdrawn_at is None
    Segment.objects.filter(pk=mine.pk).update(end=len(KIND) - 1)
    mine.refresh_from_db()
    with pytest.raises(Invalid, match="already"):
        reword_sentence(mine, author=member, by=bob, text=KIND)
    mine.statement.refresh_from_db()
    assert mine.statement.withdrawn_at is None


def test_nobody_writes_anew_once_writing_is_closed(
    consultation: Consultation, member: Membership, mine: Segment, bob: User
) -> None:
    """A sentence can still be taken back then, but no other words come in its place."""
    open_phase(consultation, phase=Phase.REVIEW)
    mine.statement.consultation.refresh_from_db()
    member.consultation.refresh_from_db()
    with pytest.raises(ConsultationClosed):
        reword_sentence(mine, author=member, by=bob, text="AI should be polite.")
    judge_sentence(mine, by=bob, verdict="no")
    assert mine.verdict == "no"


def test_an_answer_that_is_none_is_refused(mine: Segment, bob: User) -> None:
    """Only yes, no and nothing."""
    with pytest.raises(Invalid):
        judge_sentence(mine, by=bob, verdict="maybe")


def test_a_withdrawn_statement_is_not_judged(mine: Segment, bob: User) -> None:
    """Nobody is shown it, so there is nothing to confirm."""
    mine.statement.withdrawn_at = mine.statement.created_at
    mine.statement.save(update_fields=["withdrawn_at"])
    with pytest.raises(Conflict):
        judge_sentence(mine, by=bob, verdict="yes")


def test_organizers_learn_how_often_a_text_was_read_wrongly(
    consultation: Consultation, mine: Segment, hers: Segment, bob: User
) -> None:
    """Sentences put to the vote, and what their authors said about them."""
    judge_sentence(mine, by=bob, verdict="no")
    counts = read_back_counts(consultation)
    assert (counts.sentences, counts.yes, counts.no, counts.reworded) == (2, 0, 1, 0)
    assert counts.judged == 1


def test_a_page_sends_one_statement(member: Membership) -> None:
    """The same page again leads to the same statement; with other words it is refused."""
    page = uuid.uuid4()
    first = submit_statement(author=member, text="AI should be kind.", token=page)
    assert submit_statement(author=member, text="AI should be kind.", token=page) == first
    with pytest.raises(SentAlready) as refusal:
        submit_statement(author=member, text="AI should be fair.", token=page)
    assert refusal.value.statement == first
    assert Statement.objects.count() == 1


def test_a_situation_has_to_be_one_that_is_asked_about(
    consultation: Consultation, member: Membership
) -> None:
    """The key is stored with the statement; one that nobody asked about is refused."""
    consultation.scenarios = [{"key": "school", "title": "At school", "text": "A pupil asks."}]
    consultation.save(update_fields=["scenarios"])
    member.consultation.refresh_from_db()
    made = submit_statement(author=member, text="AI should help.", scenario="school")
    assert made.scenario == "school"
    with pytest.raises(Invalid):
        submit_statement(author=member, text="AI should help.", scenario="prison")


def test_the_same_words_about_two_situations_are_two_claims(
    consultation: Consultation, member: Membership, new_member: NewMember
) -> None:
    """To refuse at school and to refuse at work are two wishes."""
    keys = ("school", "work")
    consultation.scenarios = [{"key": key, "title": key, "text": ""} for key in keys]
    consultation.save(update_fields=["scenarios"])
    for name, scenario in (("ann", "school"), ("ben", "work"), ("cleo", "work")):
        author = new_member(name)
        author.consultation.refresh_from_db()
        made = submit_statement(author=author, text="AI should refuse.", scenario=scenario)
        pipeline.prepare_statement(made.pk)
    assert [one.statement.scenario for one in Claim.objects.order_by("pk")] == ["school", "work"]
