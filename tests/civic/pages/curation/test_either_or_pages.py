"""Either/or questions: how citizens answer them and what organizers are told of the answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from suggested import NewClaim, SignIn, address, page

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.curation.models import Answer, Question
from civic.reactions.models import Reaction
from civic.statements.models import Claim

# --- The citizen's side


def test_a_citizen_answers_a_question_and_changes_her_mind(
    bobs: Client, pair: tuple[Claim, Claim], member: Membership
) -> None:
    """Question, five buttons, saved, listed under my part, changed; all without JavaScript."""
    text = page(bobs, reverse("curation:either_or", args=["ai"]))
    question = Question.objects.get()
    path = reverse("curation:answer", args=["ai", question.uuid])
    assert text.count(f'action="{path}"') == 1
    assert text.count('name="value"') == 5
    assert "never counts as support" in text
    assert "<script>alert" not in text
    answer = bobs.post(path, {"value": "first"})
    assert answer["Location"] == f"/c/ai/react/?answered={question.uuid}"
    assert "You answered the either/or question." in page(bobs, answer["Location"])
    assert "Either/or questions" in page(bobs, "/c/ai/mine/reactions/")
    assert bobs.post(path, {"value": "both", "mine": "1"})["Location"].endswith("#either-or")
    assert "Both at once are possible" in page(bobs, path)
    assert question.answers.count() == 2
    assert "No question at the moment" in page(bobs, reverse("curation:either_or", args=["ai"]))
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("swapped", [False, True])
def test_the_first_is_whichever_is_shown_first(
    bobs: Client, pair: tuple[Claim, Claim], member: Membership, swapped: bool
) -> None:
    """The button "The first" names the sentence on top, whatever the order by lot."""
    question = Question.objects.create(
        first=pair[0], second=pair[1], participant=member, seed=1, swapped=swapped, probability=1
    )
    text = page(bobs, reverse("curation:answer", args=["ai", question.uuid]))
    assert (text.index("one</blockquote>") > text.index("two</blockquote>")) == swapped
    on_top = "second" if swapped else "first"
    assert f'value="{on_top}">The first</button>' in text


@pytest.mark.parametrize("value", ["", "agree", "FIRST", "\x00"])
def test_an_answer_that_is_none_is_explained(
    bobs: Client, pair: tuple[Claim, Claim], value: str
) -> None:
    """The question comes back with the reason, and nothing is stored."""
    page(bobs, reverse("curation:either_or", args=["ai"]))
    path = reverse("curation:answer", args=["ai", Question.objects.get().uuid])
    answer = bobs.post(path, {"value": value})
    assert answer.status_code == 400
    assert "Choose one of the answers." in answer.content.decode()
    assert not Answer.objects.exists()


def test_a_question_belongs_to_one_person(
    bobs: Client,
    pair: tuple[Claim, Claim],
    sign_in: SignIn,
    new_member: Callable[[str], Membership],
    charlie: User,
) -> None:
    """Another participant finds nothing there; whoever is not in yet is led to joining."""
    page(bobs, reverse("curation:either_or", args=["ai"]))
    path = reverse("curation:answer", args=["ai", Question.objects.get().uuid])
    dora = sign_in(new_member("dora").user)
    assert dora.get(path).status_code == dora.post(path, {"value": "first"}).status_code == 404
    assert "/join/" in sign_in(charlie).post(path, {"value": "first"})["Location"]
    joining = Client().get(path)["Location"]
    assert "/join/" in joining
    assert "/accounts/login/" in Client().get(joining)["Location"]
    assert not Answer.objects.exists()


def test_every_fifth_reaction_is_followed_by_a_question(
    bobs: Client, pair: tuple[Claim, Claim], new_claim: NewClaim
) -> None:
    """Five reactions, one question; changing a reaction brings none."""
    claims = [new_claim(f"AI should be kind {number}.") for number in range(5)]
    places = [
        bobs.post(reverse("reactions:answer", args=["ai", claim.uuid]), {"value": "agree"})
        for claim in claims
    ]
    assert ["either-or" in one["Location"] for one in places] == [False] * 4 + [True]
    assert "Here is a question in between" in page(bobs, places[-1]["Location"])
    path = reverse("reactions:answer", args=["ai", claims[0].uuid])
    assert "either-or" not in bobs.post(path, {"value": "unsure"})["Location"]


def test_questions_close_with_the_reactions(
    bobs: Client, pair: tuple[Claim, Claim], consultation: Consultation
) -> None:
    """Outside the season the page says which phase it is."""
    open_phase(consultation, phase="review")
    assert "Questions are closed" in page(bobs, reverse("curation:either_or", args=["ai"]))


# --- What citizens answered, as the organizer sees it


def ask(people: list[Membership], pair: tuple[Claim, Claim], values: str) -> None:
    names = {"f": "first", "s": "second", "b": "both", "n": "neither", "u": "unsure"}
    for person, value in zip(people, values, strict=False):
        question = Question.objects.create(
            first=pair[0], second=pair[1], participant=person, seed=1, swapped=False, probability=1
        )
        Answer.objects.create(question=question, value=names[value], served=True)


@pytest.fixture
def crowd(consultation: Consultation) -> list[Membership]:
    """Thirty people; the first fifteen are in group A, the others in B."""
    return Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{n:02}", is_participant=True)
        for n in range(30)
    )


def test_few_answers_are_told_to_nobody(
    organizer: Client, analysed: Run, pair: tuple[Claim, Claim], crowd: list[Membership]
) -> None:
    """Nine answers show as fewer than ten."""
    ask(crowd, pair, "f" * 9)
    text = page(organizer, address("opposed"))
    assert "fewer than 10 people have answered" in text
    assert "<table" not in text


def test_answers_are_told_with_their_interval_and_by_group(
    organizer: Client, analysed: Run, pair: tuple[Claim, Claim], crowd: list[Membership]
) -> None:
    """Thirty answers: everybody, and both groups, since each has at least ten."""
    ask(crowd, pair, "f" * 12 + "bnu" + "s" * 15)
    text = page(organizer, address("opposed"))
    assert "30 people answered" in text
    assert "27 of 28 people took one side" in text
    assert "Group A" in text
    assert "Group B" in text


def test_a_small_group_silences_all_groups(
    organizer: Client, analysed: Run, pair: tuple[Claim, Claim], crowd: list[Membership]
) -> None:
    """With nine answers from B, no group is told: B's could be had by subtraction."""
    ask(crowd, pair, "f" * 24)
    text = page(organizer, address("opposed"))
    assert "24 people answered" in text
    assert "Group A" not in text
    assert "Not told by opinion group" in text
