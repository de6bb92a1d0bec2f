"""Reacting: what counts, what does not, what comes next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.errors import ConsultationClosed, Invalid, NotFound
from civic.reactions.models import Reaction, Serving
from civic.reactions.selectors import progress_of
from civic.reactions.services import cast_reaction, next_claim
from civic.statements.models import Claim, Segment, Statement


def test_the_same_answer_twice_counts_once(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """A second click leaves one row."""
    claim = new_claim("AI should be kind.")
    first = cast_reaction(claim, participant=member, value="agree")
    assert cast_reaction(claim, participant=member, value="agree").pk == first.pk
    assert Reaction.objects.count() == 1


def test_a_changed_mind_counts_once_and_its_history_is_kept(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """The latest answer counts, the earlier one stays on record."""
    claim = new_claim("AI should be kind.")
    for value in ("agree", "unsure", "disagree"):
        cast_reaction(claim, participant=member, value=value)
    assert list(Reaction.objects.filter(is_latest=True).values_list("value", flat=True)) == [
        "disagree"
    ]
    assert Reaction.objects.count() == 3


def test_only_claims_the_platform_showed_count_as_served(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Whoever looks a claim up and answers it is heard, but not counted as support."""
    new_claim("AI should be kind.")
    shown = next_claim(member)
    assert cast_reaction(shown, participant=member, value="agree").served
    looked_up = new_claim("AI should be brief.")
    assert not cast_reaction(looked_up, participant=member, value="agree").served


def test_authors_are_never_shown_their_own_claims(
    member: Membership, new_claim: Callable[..., Claim], new_member: Callable[[str], Membership]
) -> None:
    """Neither her words nor words that hers were merged into; and her own answer is not served."""
    own = new_claim("AI should be kind.", author=member)
    shared = new_claim("AI should be brief.", author=new_member("ann"))
    mine = Statement.objects.create(
        consultation=member.consultation,
        text="Be brief, AI.",
        author=member,
        moderation="accepted",
    )
    Segment.objects.create(statement=mine, start=0, end=13, claim=shared)
    assert next_claim(member) is None
    assert not cast_reaction(own, participant=member, value="agree").served


def test_a_card_is_shown_again_until_it_is_answered(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Reloading the page skips nothing, and every claim comes up once."""
    claims = {new_claim(f"AI should do thing {number}.") for number in range(4)}
    seen = set()
    for _ in range(4):
        claim = next_claim(member)
        assert next_claim(member) == claim
        cast_reaction(claim, participant=member, value="skipped")
        seen.add(claim)
    assert seen == claims
    assert next_claim(member) is None
    assert progress_of(member) == (4, 4)


def test_every_serving_records_its_probability(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """The chance with which a claim was chosen is kept beside the answer."""
    for number in range(5):
        new_claim(f"AI should do thing {number}.")
    claim = next_claim(member)
    serving = Serving.objects.get()
    assert 0 < serving.probability < 1
    reaction = cast_reaction(claim, participant=member, value="agree")
    assert reaction.probability == serving.probability


@pytest.mark.parametrize(("value", "importance"), [("yes", None), ("agree", 0), ("agree", 6)])
def test_answers_that_do_not_exist_are_refused(
    member: Membership, new_claim: Callable[..., Claim], value: str, importance: int | None
) -> None:
    """Four answers, importance from 1 to 5."""
    claim = new_claim("AI should be kind.")
    with pytest.raises(Invalid):
        cast_reaction(claim, participant=member, value=value, importance=importance)
    assert not Reaction.objects.exists()


def test_nobody_reacts_to_what_is_not_shown(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """A hidden statement takes no more answers."""
    claim = new_claim("Something hostile.")
    claim.statement.moderation = "rejected"
    with pytest.raises(NotFound):
        cast_reaction(claim, participant=member, value="agree")


def test_reactions_end_with_their_phase(
    member: Membership, alice: User, consultation: Consultation, new_claim: Callable[..., Claim]
) -> None:
    """In review no answer is taken any more."""
    claim = new_claim("AI should be kind.")
    open_phase(consultation, phase=Phase.REVIEW, by=alice)
    member.consultation.refresh_from_db()
    with pytest.raises(ConsultationClosed):
        cast_reaction(claim, participant=member, value="agree")


def test_an_answer_and_a_card_cost_few_queries(
    member: Membership,
    new_claim: Callable[..., Claim],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    """However many claims there are."""
    for number in range(30):
        new_claim(f"AI should do thing {number}.")
    with django_assert_max_num_queries(8):  # two of them are the savepoint's
        claim = next_claim(member)
    claim = Claim.objects.select_related("statement__consultation").get(pk=claim.pk)
    with django_assert_max_num_queries(8):
        cast_reaction(claim, participant=member, value="agree")
