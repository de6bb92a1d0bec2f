"""Pages about claims and themes: the organizer's lists, the citizen's questions, the record."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from civic.accounts.models import User
from civic.analysis.models import Group, Run, Theme
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.curation import services
from civic.curation.models import Answer, Decision, Kind, Question, Suggestion
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Segment, Statement

SignIn = Callable[[User | None], Client]
NewClaim = Callable[..., Claim]
HOSTILE = "<script>alert(1)</script> AI & “you”\u202e"
EVIDENCE = {
    "similarity": 0.7,
    "both": 0,
    "association": None,
    "lo": None,
    "hi": None,
    "agree_both": 0,
    "source": "text",
    "score": 0.5,
    "why": "One asks for what the other speaks against. <b>Nobody</b> answered both.",
}


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


def address(name: str, *values: object) -> str:
    return reverse(f"pages:{name}", args=["ai", *values])


def page(client: Client, path: str, **data: Any) -> str:
    answer = client.get(path, data)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


ANYWHERE = ("curation", "same", "opposed", "claims", "themes")


@pytest.mark.parametrize("name", ANYWHERE)
def test_empty_lists_say_so(organizer: Client, consultation: Consultation, name: str) -> None:
    """Before any analysis each page has a calm sentence and no button."""
    text = page(organizer, address(name))
    assert 'class="empty"' in text
    assert "<h1>" in text


@pytest.mark.parametrize("name", [*ANYWHERE, "joined"])
def test_citizens_words_are_shown_as_text(
    organizer: Client, analysed: Run, pair: tuple[Claim, Claim], name: str
) -> None:
    """Markup in claims, titles, evidence and reasons is escaped on every page."""
    Decision.objects.create(
        consultation=analysed.consultation,
        kind=Kind.RENAMED,
        theme="t2",
        target="<b>bold</b>",
        reason="<script>",
    )
    text = page(organizer, address(name))
    assert "<script>alert" not in text
    assert "<b>bold" not in text
    assert "<i>" not in text
    assert "<b>Nobody" not in text


def test_a_suggested_pair_is_joined_with_the_words_of_the_second(
    organizer: Client, pair: tuple[Claim, Claim], consultation: Consultation
) -> None:
    """The organizer chooses whose words stand; without words of her own the usual reason stands."""
    text = page(organizer, address("same"))
    assert "These may say the same" in text
    data = {
        "first": pair[0].uuid,
        "second": pair[1].uuid,
        "keep": "second",
        "back": address("same"),
    }
    answer = organizer.post(address("decide_pair"), data)
    assert answer["Location"] == address("same")
    decision = Decision.objects.get()
    assert (decision.first, decision.second) == (pair[1], pair[0])
    assert decision.reason == "Both say the same."
    assert "No pair waits." in page(organizer, address("same"))
    assert "says nearly" not in page(organizer, address("claim", pair[0].uuid))
    assert "Joined: both say the same" in page(organizer, address("claim", pair[0].uuid))


@pytest.mark.parametrize(
    ("kind", "leaves"), [("opposed", False), ("compatible", False), ("left_open", True)]
)
def test_a_contradiction_is_judged(
    organizer: Client, pair: tuple[Claim, Claim], kind: str, leaves: bool
) -> None:
    """Confirmed or refuted it leaves the list; left open it stays, marked so."""
    data = {"kind": kind, "first": pair[0].uuid, "second": pair[1].uuid, "reason": "I read both."}
    assert organizer.post(address("decide_pair"), data)["Location"] == address("curation")
    assert Decision.objects.get().reason == "I read both."
    text = page(organizer, address("opposed"))
    assert ("Left open" in text and "I read both." in text) == leaves
    assert ("No pair waits." in text) != leaves


def test_decisions_are_listed_with_a_way_back(
    organizer: Client, pair: tuple[Claim, Claim], analysed: Run, alice: User
) -> None:
    """Each says from when it counts; undoing it leaves it on the public record."""
    made = services.keep_apart(
        analysed.consultation, first=pair[0], second=pair[1], by=alice, reason="Different."
    )
    text = page(organizer, address("curation"))
    assert "From the next analysis on" in text
    assert "One decision counts" in text
    answer = organizer.post(address("undo", made.uuid), {"back": "https://evil.example/"})
    assert answer["Location"] == address("curation")
    assert "Nothing has been decided yet." in page(organizer, address("curation"))
    record = page(Client(), address("joined"))
    assert "Different." in record
    assert "The decision was a mistake." in record


def test_passages_leave_a_claim_by_ticking_them(
    organizer: Client, pair: tuple[Claim, Claim], new_member: Callable[[str], Membership]
) -> None:
    """The page of the new claim follows; nothing ticked is told, and so is a passage of another."""
    statement = Statement.objects.create(
        consultation=pair[0].consultation,
        text="AI must be nice. Really.",
        language="en",
        author=new_member("dora"),
        moderation="accepted",
        prepared_at=timezone.now(),
    )
    merged = Segment.objects.create(
        statement=statement, start=0, end=16, is_norm=True, claim=pair[0]
    )
    path = address("split", pair[0].uuid)
    assert 'name="passage"' in page(organizer, address("claim", pair[0].uuid))
    assert organizer.post(path, {}).status_code == 400
    assert organizer.post(path, {"passage": ["x", "-1", "9" * 30, "9" * 5000]}).status_code == 400
    answer = organizer.post(path, {"passage": merged.pk})
    new = Claim.objects.latest("pk")
    assert answer["Location"] == address("claim", new.uuid)
    assert new.text == "AI must be nice."
    assert organizer.post(path, {"passage": merged.pk}).status_code == 400


def test_claims_are_found_by_their_words(
    organizer: Client, consultation: Consultation, new_claim: NewClaim
) -> None:
    """Capitals do not matter, and signs of patterns mean nothing."""
    new_claim("AI should wave a 100% FLAG_.")
    new_claim("AI should sing.")
    for query, n in (("flag_", 1), ("%", 1), ("AI", 2), ("no such", 0), ("a" * 500, 0)):
        text = page(organizer, address("claims"), q=query)
        assert f"{n} found with" in text


def test_another_claim_is_found_and_joined_from_a_claims_page(
    organizer: Client, consultation: Consultation, new_claim: NewClaim
) -> None:
    """Search, choose, join; the folded claim's page offers no second joining."""
    one, other = new_claim("AI should wave."), new_claim("AI should greet people.")
    text = page(organizer, address("claim", one.uuid), q="greet")
    assert str(other.uuid) in text
    data = {"kind": "together", "first": one.uuid, "second": other.uuid, "keep": "first"}
    organizer.post(address("decide_pair"), data)
    assert "Join it with another claim" not in page(organizer, address("claim", other.uuid))
    assert "Join it with another claim" in page(organizer, address("claim", one.uuid))


def test_themes_are_renamed_joined_and_filled(
    organizer: Client, analysed: Run, pair: tuple[Claim, Claim]
) -> None:
    """Each act leads back to where it was done, and is shown there as pending."""
    theme = f"{address('themes')}?theme=t/1%20%26"
    about = {"theme": "t/1 &", "back": theme}
    assert organizer.post(
        address("decide_theme"), {"kind": "renamed", "title": "Manners", **about}
    )["Location"].startswith(address("themes"))
    assert '<q dir="auto">Manners</q>' in page(organizer, address("themes"))
    organizer.post(address("decide_theme"), {"kind": "theme_merged", "into": "t2", **about})
    assert "part of" in page(organizer, address("themes"))
    moved = {"kind": "placed", "claim": pair[1].uuid, "into": "t2"}
    assert organizer.post(address("decide_theme"), moved).status_code == 302
    opened = page(organizer, address("themes"), theme="t/1 &")
    assert "Manners" in opened
    assert reverse("pages:claim", args=["ai", pair[0].uuid]) in opened
    assert Decision.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("decide_pair", {}, 400),
        ("decide_pair", {"kind": "separated", "first": "x", "second": "y"}, 400),
        ("decide_pair", {"kind": "apart", "first": str(uuid.uuid4()), "second": "\x00"}, 400),
        (
            "decide_pair",
            {"kind": "apart", "first": str(uuid.uuid4()), "second": str(uuid.uuid4())},
            404,
        ),
        ("decide_theme", {}, 400),
        ("decide_theme", {"kind": "renamed", "theme": "t2"}, 400),
        ("decide_theme", {"kind": "renamed", "theme": "t2", "title": "x" * 121}, 400),
        ("decide_theme", {"kind": "renamed", "theme": "nowhere", "title": "x"}, 404),
        ("decide_theme", {"kind": "theme_merged", "theme": "t2", "into": "t2"}, 400),
        ("decide_theme", {"kind": "placed", "claim": str(uuid.uuid4()), "into": "t2"}, 404),
    ],
)
def test_forms_that_make_no_sense_are_refused_in_words(
    organizer: Client, analysed: Run, name: str, data: dict[str, str], status: int
) -> None:
    """Nothing is written, and the page says what is wrong."""
    answer = organizer.post(address(name), data)
    assert answer.status_code == status
    assert "<h1" in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_theme_that_is_not_there_is_not_found(organizer: Client, analysed: Run) -> None:
    """An address of an earlier analysis leads to a sentence, not to an error."""
    answer = organizer.get(address("themes"), {"theme": "old"})
    assert answer.status_code == 404
    assert "no such theme" in answer.content.decode()


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


# --- The citizen's side


@pytest.fixture
def bobs(sign_in: SignIn, bob: User, member: Membership) -> Client:
    """Bob's browser; he takes part."""
    return sign_in(bob)


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


def test_an_author_sees_what_her_sentence_was_joined_with_and_takes_it_out(
    bobs: Client, member: Membership, consultation: Consultation, new_claim: NewClaim, alice: User
) -> None:
    """My part shows the words that stand for both, the reason and a button; it works once."""
    kept, his = new_claim("AI should be kind."), new_claim("AI should be soft.", author=member)
    services.merge_claims(
        consultation, kept=kept, folded=his, by=alice, reason="Softness is kindness."
    )
    text = page(bobs, "/c/ai/mine/")
    assert "An organizer joined it" in text
    assert "Softness is kindness." in text
    path = reverse("curation:separate_claim", args=["ai", his.uuid])
    assert path in text
    assert bobs.post(path)["Location"] == "/c/ai/mine/"
    assert "An organizer joined it" not in page(bobs, "/c/ai/mine/")
    assert bobs.post(path).status_code == 409


def test_nobody_takes_out_what_somebody_else_wrote(
    bobs: Client, consultation: Consultation, new_claim: NewClaim, alice: User, sign_in: SignIn
) -> None:
    """Neither another participant nor the organizer in the author's name."""
    kept, other = new_claim("AI should be kind."), new_claim("AI should be soft.")
    services.merge_claims(consultation, kept=kept, folded=other, by=alice, reason="Same.")
    path = reverse("curation:separate_claim", args=["ai", other.uuid])
    assert bobs.post(path).status_code == 404
    assert sign_in(alice).post(path).status_code in (302, 403, 404)
    assert sign_in(None).post(path).status_code == 302
    assert Decision.objects.filter(undone_at=None, kind=Kind.TOGETHER).exists()


def test_long_lists_take_no_more_queries(
    organizer: Client,
    consultation: Consultation,
    analysed: Run,
    new_claim: NewClaim,
    django_assert_max_num_queries: Any,
) -> None:
    """Forty pairs and decisions cost what four do."""
    claims = [new_claim(f"AI should do {number}.") for number in range(40)]
    for place in range(0, 40, 2):
        for kind in Suggestion.Kind:
            Suggestion.objects.create(
                consultation=consultation,
                kind=kind,
                first=claims[place],
                second=claims[place + 1],
                position=place + 1,
                evidence=EVIDENCE,
                run=uuid.uuid4(),
            )
        Decision.objects.create(
            consultation=consultation,
            kind=Kind.LEFT_OPEN,
            first=claims[place],
            second=claims[place + 1],
            reason="?",
        )
    for name in ANYWHERE:
        with django_assert_max_num_queries(20):
            page(organizer, address(name))
