"""What organizers and authors decide about claims and themes, and that every run obeys it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from aggregation.types import Contradiction, Curation
from civic.accounts.models import User
from civic.analysis.models import Run
from civic.analysis.snapshot import digest_of, freeze, gather
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.curation import selectors, services, themes
from civic.curation.models import Decision, Kind
from civic.errors import Conflict, ConsultationClosed, Invalid, NotFound, ReasonRequired
from civic.reactions.models import Reaction, Serving
from civic.reactions.selectors import progress_of
from civic.reactions.services import cast_reaction, next_claim
from civic.statements.models import Claim, Segment, Statement

NewClaim = Callable[..., Claim]
THEMES = {"t1": "Kindness", "t2": "Honesty", "t3": "Speed"}
WHY = "They say the same."


@pytest.fixture
def two(new_claim: NewClaim) -> tuple[Claim, Claim]:
    """Two claims that say the same in other words."""
    return new_claim("AI should be kind."), new_claim("AI should be friendly to people.")


@pytest.fixture
def merged(two: tuple[Claim, Claim], consultation: Consultation, alice: User) -> Decision:
    """The first stands for both."""
    return services.merge_claims(
        consultation, kept=two[0], folded=two[1], by=alice, reason=f"  {WHY} "
    )


@pytest.fixture
def joined_passage(two: tuple[Claim, Claim], new_member: Callable[..., Membership]) -> Segment:
    """A sentence of Dora's that was merged into the first claim when it came in."""
    text = "Be kind, please, and never rude."
    statement = Statement.objects.create(
        consultation=two[0].consultation,
        text=text,
        language="en",
        author=new_member("dora"),
        moderation="accepted",
        prepared_at=timezone.now(),
    )
    return Segment.objects.create(statement=statement, start=0, end=8, is_norm=True, claim=two[0])


def the_run(consultation: Consultation) -> Curation:
    """What a run that is asked for now is told about decisions, read back from its file."""
    run = Run.objects.create(consultation=consultation)
    return freeze(run)[0].curation


# --- Joining


def test_a_joined_claim_is_shown_to_nobody_new_and_keeps_its_reactions(
    two: tuple[Claim, Claim], merged: Decision, member: Membership, new_member: Callable
) -> None:
    """Its words and answers stay; only the kept claim is served, also where it was open."""
    kept, folded = two
    Serving.objects.create(claim=folded, participant=member, probability=1.0)
    Reaction.objects.create(
        claim=folded, participant=new_member("dora"), value="agree", served=True
    )
    assert next_claim(member) == kept
    assert progress_of(member) == (0, 1)
    folded.refresh_from_db()
    assert folded.text == "AI should be friendly to people."
    assert not folded.is_hidden
    assert folded.reactions.count() == 1
    assert cast_reaction(folded, participant=member, value="agree").served


def test_joining_leaves_a_reason_and_one_entry(merged: Decision) -> None:
    """The reason without space around it, and one entry that names the act."""
    assert merged.reason == WHY
    assert Entry.objects.filter(action="claims.joined", subject_id=str(merged.uuid)).count() == 1


def test_joining_twice_changes_nothing(
    two: tuple[Claim, Claim], merged: Decision, consultation: Consultation, alice: User
) -> None:
    """The same decision, and no second entry."""
    again = services.merge_claims(
        consultation, kept=two[0], folded=two[1], by=alice, reason="Once more."
    )
    assert again == merged
    assert Entry.objects.filter(action="claims.joined").count() == 1


def test_joining_the_other_way_round_is_refused(
    two: tuple[Claim, Claim], merged: Decision, consultation: Consultation, alice: User
) -> None:
    """No claim can stand for one that stands for it, nor for two others at once."""
    with pytest.raises(Conflict, match="keep that one instead"):
        services.merge_claims(consultation, kept=two[1], folded=two[0], by=alice, reason=WHY)


def test_a_claim_is_joined_with_one_other_at_most(
    two: tuple[Claim, Claim],
    merged: Decision,
    consultation: Consultation,
    alice: User,
    new_claim: NewClaim,
) -> None:
    """Whoever wants it elsewhere undoes the first joining."""
    third = new_claim("AI should be gentle.")
    with pytest.raises(Conflict, match="joined with another one already"):
        services.merge_claims(consultation, kept=third, folded=two[1], by=alice, reason=WHY)
    services.undo_decision(merged, by=alice, reason="No.")
    services.merge_claims(consultation, kept=third, folded=two[1], by=alice, reason=WHY)
    assert selectors.folded(consultation) == {two[1].pk: third.pk}


def test_joinings_follow_each_other_to_the_last_claim(
    two: tuple[Claim, Claim],
    merged: Decision,
    consultation: Consultation,
    alice: User,
    new_claim: NewClaim,
) -> None:
    """A stands for B, then C for A: a run hears that C stands for both."""
    third = new_claim("AI should be gentle.")
    services.merge_claims(consultation, kept=third, folded=two[0], by=alice, reason=WHY)
    assert set(the_run(consultation).together) == {
        (third.key, two[0].key),
        (third.key, two[1].key),
    }
    assert len(selectors.families(consultation)[two[1].pk]) == 3


def test_words_that_went_out_of_sight_stand_for_nothing(
    two: tuple[Claim, Claim], merged: Decision, consultation: Consultation, member: Membership
) -> None:
    """Where the kept claim is hidden or withdrawn, the folded one is served again."""
    Statement.objects.filter(pk=two[0].statement_id).update(withdrawn_at=timezone.now())
    assert next_claim(member) == two[1]
    assert the_run(consultation).together == ()


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_no_decision_without_a_reason(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User, reason: str
) -> None:
    """An empty reason is refused, and nothing is written."""
    with pytest.raises(ReasonRequired):
        services.merge_claims(consultation, kept=two[0], folded=two[1], by=alice, reason=reason)
    assert not Decision.objects.exists()


def test_a_reason_has_a_limit(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """2,001 characters are refused with both numbers."""
    with pytest.raises(Invalid, match=r"2001 .* 2000"):
        services.keep_apart(consultation, first=two[0], second=two[1], by=alice, reason="x" * 2001)


def test_a_claim_is_not_joined_with_itself_nor_with_what_is_hidden(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """Neither names two claims that people may read."""
    with pytest.raises(Invalid, match="one and the same"):
        services.merge_claims(consultation, kept=two[0], folded=two[0], by=alice, reason=WHY)
    Statement.objects.filter(pk=two[1].statement_id).update(
        moderation="rejected", moderation_reason="Spam."
    )
    with pytest.raises(NotFound):
        services.merge_claims(consultation, kept=two[0], folded=two[1], by=alice, reason=WHY)


def test_nothing_is_decided_once_all_is_closed(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """In the last phase the act is refused by name."""
    open_phase(consultation, phase="closed")
    with pytest.raises(ConsultationClosed, match="Join and part"):
        services.merge_claims(consultation, kept=two[0], folded=two[1], by=alice, reason=WHY)


# --- Parting


def test_passages_leave_a_claim_and_stay_apart(
    two: tuple[Claim, Claim],
    joined_passage: Segment,
    consultation: Consultation,
    alice: User,
    member: Membership,
) -> None:
    """The new claim has the passage's own words and is served; no run joins it with the old one."""
    made = services.split_claim(two[0], passages=[joined_passage], by=alice, reason="Not rude.")
    new = made.second
    joined_passage.refresh_from_db()
    assert joined_passage.claim == new
    assert new.text == "Be kind,"
    assert the_run(consultation).apart == ((two[0].key, new.key),)
    served = set()
    for _ in range(3):
        claim = next_claim(member)
        served.add(claim)
        cast_reaction(claim, participant=member, value="agree")
    assert new in served
    with pytest.raises(Conflict, match="parted by an organizer"):
        services.merge_claims(consultation, kept=two[0], folded=new, by=alice, reason=WHY)


def test_undoing_a_split_joins_what_it_parted(
    two: tuple[Claim, Claim], joined_passage: Segment, consultation: Consultation, alice: User
) -> None:
    """The claim that the split made stays with its reactions; the old one stands for it again."""
    made = services.split_claim(two[0], passages=[joined_passage], by=alice, reason="Not rude.")
    services.undo_decision(made, by=alice, reason="It is the same after all.")
    told = the_run(consultation)
    assert told.apart == ()
    assert told.together == ((two[0].key, made.second.key),)
    assert Entry.objects.filter(action="decision.undone").count() == 1


def test_a_claims_own_words_cannot_leave_it(two: tuple[Claim, Claim], alice: User) -> None:
    """Nor can nothing, nor a passage of another claim."""
    own, other = two[0].segments.get(), two[1].segments.get()
    with pytest.raises(Invalid, match="own words"):
        services.split_claim(two[0], passages=[own], by=alice, reason=WHY)
    with pytest.raises(Invalid, match="at least one"):
        services.split_claim(two[0], passages=[], by=alice, reason=WHY)
    with pytest.raises(Conflict, match="moved to another claim"):
        services.split_claim(two[0], passages=[other], by=alice, reason=WHY)


def test_an_author_takes_her_sentence_out_for_good(
    two: tuple[Claim, Claim], joined_passage: Segment, consultation: Consultation, alice: User
) -> None:
    """Her sentence is a claim, apart from the old one; no organizer can join or undo that."""
    author = joined_passage.statement.author.user
    made = services.separate_sentence(joined_passage, by=author)
    assert the_run(consultation).apart == ((two[0].key, made.key),)
    assert Entry.objects.filter(action="segment.unmerged").count() == 1
    with pytest.raises(Conflict, match="An author took"):
        services.merge_claims(consultation, kept=two[0], folded=made, by=alice, reason=WHY)
    decision = Decision.objects.get(kind=Kind.SEPARATED)
    with pytest.raises(Conflict, match="cannot be undone"):
        services.undo_decision(decision, by=alice, reason="Please.")


def test_an_author_undoes_what_an_organizer_joined(
    consultation: Consultation, member: Membership, bob: User, alice: User, new_claim: NewClaim
) -> None:
    """Bob's claim stands for itself again, and for good, through a third claim too."""
    kept, his = new_claim("AI should be kind."), new_claim("AI should be soft.", author=member)
    services.merge_claims(consultation, kept=kept, folded=his, by=alice, reason=WHY)
    services.separate_claim(his, by=bob)
    assert selectors.folded(consultation) == {}
    third = new_claim("AI should be mild.")
    services.merge_claims(consultation, kept=third, folded=kept, by=alice, reason=WHY)
    with pytest.raises(Conflict, match="An author took"):
        services.merge_claims(consultation, kept=third, folded=his, by=alice, reason=WHY)
    with pytest.raises(Conflict, match="stands for itself already"):
        services.separate_claim(his, by=bob)


# --- Judging


def test_the_newest_verdict_binds(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """Each verdict replaces the one before; a pair that is left open reaches no run."""
    keys = two[0].key, two[1].key  # the older claim comes first, whoever is named first
    about = {"first": two[1], "second": two[0], "by": alice, "reason": WHY}
    for verdict, told in (
        (Kind.OPPOSED, (Contradiction(*keys, confirmed=True),)),
        (Kind.COMPATIBLE, (Contradiction(*keys, confirmed=False),)),
        (Kind.LEFT_OPEN, ()),
    ):
        services.judge_contradiction(consultation, verdict=verdict, **about)
        services.judge_contradiction(consultation, verdict=verdict, **about)
        assert the_run(consultation).contradictions == told
    assert Decision.objects.count() == 3
    assert selectors.standing(consultation).count() == 1


def test_what_contradicts_is_not_the_same(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User, merged: Decision
) -> None:
    """A joined pair cannot be judged, and a confirmed contradiction cannot be joined."""
    about = {"by": alice, "reason": WHY}
    pair = {"first": two[0], "second": two[1]}
    with pytest.raises(Conflict, match="joined as saying the same"):
        services.judge_contradiction(consultation, verdict=Kind.OPPOSED, **pair, **about)
    with pytest.raises(Conflict, match="joined as saying the same"):
        services.keep_apart(consultation, **pair, **about)
    services.undo_decision(merged, **about)
    services.judge_contradiction(consultation, verdict=Kind.OPPOSED, **pair, **about)
    with pytest.raises(Conflict, match="confirmed to contradict"):
        services.merge_claims(consultation, kept=two[0], folded=two[1], **about)
    with pytest.raises(Invalid, match="no verdict"):
        services.judge_contradiction(consultation, verdict="together", **pair, **about)


# --- Themes


def test_themes_are_renamed_joined_and_filled(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """A run hears the newest title, the last theme of a chain, and where a claim went."""
    about = {"themes": THEMES, "by": alice, "reason": "Clearer."}
    themes.rename_theme(consultation, theme="t1", title="  Being\nkind ", **about)
    themes.rename_theme(consultation, theme="t1", title="Good manners", **about)
    themes.place_claim(consultation, claim=two[0], into="t3", **about)
    themes.merge_theme(consultation, theme="t3", into="t2", **about)
    themes.merge_theme(consultation, theme="t2", into="t1", **about)
    told = the_run(consultation)
    assert told.titles == (("t1", "Good manners"),)
    assert told.merged == (("t2", "t1"), ("t3", "t1"))
    assert told.placed == ((two[0].key, "t1"),)
    assert Decision.objects.filter(target="Being kind").exclude(undone_at=None).exists()


def test_themes_that_do_not_exist_are_told(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """Neither can they be named nor be gone to; a joined one cannot be gone to either."""
    about = {"themes": THEMES, "by": alice, "reason": "Clearer."}
    with pytest.raises(NotFound, match="no such theme"):
        themes.rename_theme(consultation, theme="t9", title="X", **about)
    with pytest.raises(NotFound, match="no such theme"):
        themes.place_claim(consultation, claim=two[0], into="t9", **about)
    with pytest.raises(Invalid, match="one and the same theme"):
        themes.merge_theme(consultation, theme="t1", into="t1", **about)
    themes.merge_theme(consultation, theme="t1", into="t2", **about)
    with pytest.raises(Conflict, match="joined with another"):
        themes.merge_theme(consultation, theme="t2", into="t1", **about)
    with pytest.raises(Conflict, match="joined with another"):
        themes.place_claim(consultation, claim=two[0], into="t1", **about)


@pytest.mark.parametrize("title", ["", " \n", "\u200b", "x" * 121, "a\x00b"])
def test_a_title_is_text_of_a_line(consultation: Consultation, alice: User, title: str) -> None:
    """Empty, invisible, too long or unstorable titles are refused."""
    with pytest.raises(Invalid):
        themes.rename_theme(
            consultation, themes=THEMES, theme="t1", title=title, by=alice, reason="Clearer."
        )


def test_undone_decisions_reach_no_run(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User
) -> None:
    """Undoing everything gives a run what it would have got before, to the digest."""
    before = digest_of(*gather(consultation))
    about = {"by": alice, "reason": WHY}
    made = [
        services.keep_apart(consultation, first=two[0], second=two[1], **about),
        themes.rename_theme(consultation, themes=THEMES, theme="t1", title="Manners", **about),
        themes.place_claim(consultation, themes=THEMES, claim=two[0], into="t1", **about),
    ]
    assert digest_of(*gather(consultation)) != before
    for decision in made:
        services.undo_decision(decision, **about)
        services.undo_decision(decision, **about)
    assert digest_of(*gather(consultation)) == before
    assert Entry.objects.filter(action="decision.undone").count() == 3


def test_the_order_of_deciding_changes_nothing(
    two: tuple[Claim, Claim], consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """Two organizers who decide the same in another order give a run the same input."""
    third = new_claim("AI should be quick.")
    digests = []
    for order in ((0, 1), (1, 0)):
        Decision.objects.all().delete()
        acts = (
            lambda: services.keep_apart(
                consultation, first=two[0], second=third, by=alice, reason=WHY
            ),
            lambda: services.keep_apart(
                consultation, first=two[1], second=third, by=alice, reason=WHY
            ),
        )
        for place in order:
            acts[place]()
        digests.append(digest_of(*gather(consultation)))
    assert digests[0] == digests[1]
