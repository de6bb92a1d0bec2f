"""The card: five answers, importance, undo, reasons, and the parts that a script swaps in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.reactions.models import Reaction, Serving
from civic.statements.models import Claim, Statement

NewClaim = Callable[..., Claim]
SignIn = Callable[[User | None], Client]
REACT = "/c/ai/react/"
PARTS = {"HX-Request": "true"}


def page(client: Client, path: str = REACT, **options: Any) -> str:
    answer = client.get(path, **options)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client: Client) -> Claim:
    return client.get(REACT).context["claim"]


def to(name: str, claim: Claim) -> str:
    return reverse(f"reactions:{name}", args=["ai", claim.uuid])


def said(text: str) -> str:
    """What the live region says, as one line."""
    found = re.search(r'role="status" class="said"[^>]*>(.*?)</p>', text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group(1)).split())


def mine() -> Any:
    return Reaction.objects.filter(participant__user__email="bob@example.org")


def test_the_card_holds_all_answers_and_takes_the_focus(bobs: Client, asked: list[Claim]) -> None:
    """The sentence is the heading and has the focus; five answers, a reason, ways out."""
    text = page(bobs)
    claim = bobs.get(REACT).context["claim"]
    heading = re.search(r"<h1[^>]*>.*?</h1>", text, re.DOTALL)
    assert heading is not None
    assert "autofocus" in heading.group()
    assert claim.text in heading.group()
    for value in ("agree", "disagree", "unsure", "depends", "skipped"):
        assert f'value="{value}"' in text
    for words in ("Why am I seeing this?", "Say it better", "Report", "Stop here"):
        assert words in text
    assert f"?about={claim.uuid}" in text
    assert "less than a minute left" in text


def test_an_answer_is_said_and_read_back(bobs: Client, asked: list[Claim]) -> None:
    """Saved, which sentence comes now, and what she answered."""
    claim = shown(bobs)
    text = bobs.post(to("answer", claim), {"value": "agree"}, follow=True).content.decode()
    assert said(text) == "Saved. Sentence 2 of 2. You answered “Agree”."
    assert f'action="{to("undo", claim)}"' in text
    assert f'action="{to("weigh", claim)}"' in text


def test_it_depends_is_said_with_a_condition(bobs: Client, asked: list[Claim]) -> None:
    """The condition is kept, shown to herself, and to no other participant."""
    claim = shown(bobs)
    hostile = "<img src=x onerror=alert(1)> {{ 7|add:7 }} \u202egnorw"
    bobs.post(to("answer", claim), {"value": "depends", "condition": hostile})
    kept = mine().get().condition
    assert kept == hostile.replace("\u202e", "")
    for path in (to("answer", claim), "/c/ai/so-far/"):
        text = page(bobs, path)
        assert escape(kept) in text
        assert "<img src=x" not in text
    assert "It depends" in page(bobs, "/c/ai/so-far/")


def test_a_condition_is_shown_to_nobody_else(
    bobs: Client, asked: list[Claim], new_member: Callable[[str], Membership], sign_in: SignIn
) -> None:
    """Not on the card of the next one who is asked, nor where she sees what others said."""
    claim = shown(bobs)
    bobs.post(to("answer", claim), {"value": "depends", "condition": "only on a Sunday"})
    doras = sign_in(new_member("dora").user)
    doras.post(to("answer", claim), {"value": "agree"})
    for path in (REACT, to("answer", claim), "/c/ai/so-far/"):
        assert "only on a Sunday" not in page(doras, path)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("x" * 281, "at most 280 characters"),
        ("\u200b", "nothing to read"),
        ("e" + "\u0301" * 5000, "Too many accents"),
    ],
)
def test_a_condition_that_is_refused_stays_in_the_box(
    bobs: Client, asked: list[Claim], condition: str, told: str
) -> None:
    """The summary takes the focus and leads to the box; nothing is stored."""
    claim = shown(bobs)
    answer = bobs.post(to("answer", claim), {"value": "depends", "condition": condition})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert told in text
    assert 'href="#id_condition"' in text
    assert 'id="id_condition"' in text
    assert condition in text
    assert text.count("autofocus") == 1
    assert not mine().exists()


def test_personal_data_in_a_condition_is_asked_about_once(bobs: Client, asked: list[Claim]) -> None:
    """First a hint and the text; sent again as it is, it is kept."""
    claim = shown(bobs)
    data = {"value": "depends", "condition": "if they call me at +49 170 1234567"}
    answer = bobs.post(to("answer", claim), data)
    assert answer.status_code == 400
    assert "a phone number" in answer.content.decode()
    assert 'name="confirmed" value="1"' in answer.content.decode()
    assert not mine().exists()
    assert bobs.post(to("answer", claim), data | {"confirmed": "1"}).status_code == 302
    assert mine().get().condition == data["condition"]


def test_importance_is_one_tap_after_the_answer(bobs: Client, asked: list[Claim]) -> None:
    """Five buttons beside what was saved; the one that was pressed is marked."""
    claim = shown(bobs)
    bobs.post(to("answer", claim), {"value": "agree"})
    text = bobs.post(to("weigh", claim), {"importance": "4"}, follow=True).content.decode()
    assert "It matters to you: 4 of 5." in said(text)
    assert re.search(r'value="4" class="outline" aria-pressed="true"', text)
    assert mine().get(is_latest=True).importance == 4
    assert bobs.post(to("weigh", claim), {"importance": "9"}).status_code == 400


def test_an_answer_is_taken_back_and_asked_again(bobs: Client, asked: list[Claim]) -> None:
    """The same sentence comes up again, although another one was shown meanwhile."""
    claim = shown(bobs)
    bobs.post(to("answer", claim), {"value": "agree"})
    assert shown(bobs) != claim
    answer = bobs.post(to("undo", claim), {"only": str(mine().get().pk)}, follow=True)
    assert answer.context["claim"] == claim
    assert said(answer.content.decode()) == "Taken back. Sentence 1 of 2."
    assert not mine().filter(is_latest=True).exists()


def test_the_earlier_answer_is_named_when_it_counts_again(bobs: Client, asked: list[Claim]) -> None:
    """Agree, disagree, undo: agree."""
    claim = shown(bobs)
    for value in ("agree", "disagree"):
        bobs.post(to("answer", claim), {"value": value})
    text = bobs.post(to("undo", claim), follow=True).content.decode()
    assert "Your earlier answer “Agree” counts again." in said(text)


def test_nothing_is_taken_back_twice(bobs: Client, asked: list[Claim]) -> None:
    """A stale page is told so; a wrong id finds nothing."""
    claim = shown(bobs)
    assert bobs.post(to("undo", claim)).status_code == 409
    assert bobs.post(to("undo", claim), {"only": "x" * 50}).status_code == 409
    unknown = reverse("reactions:undo", args=["ai", asked[0].statement.uuid])
    assert bobs.post(unknown).status_code == 404
    assert bobs.get(to("undo", claim)).status_code == 405


@pytest.mark.parametrize("name", ["undo", "weigh", "answer"])
def test_nobody_answers_for_somebody_else(
    asked: list[Claim], sign_in: SignIn, charlie: User, name: str
) -> None:
    """A stranger is led to joining, somebody without an account to signing in."""
    data = {"value": "agree", "importance": "1"}
    assert "/join/" in sign_in(charlie).post(to(name, asked[1]), data)["Location"]
    answer = sign_in(None).post(to(name, asked[1]), data)
    assert answer.status_code == 302
    assert not Reaction.objects.filter(participant__user__isnull=False).exists()


def test_two_tabs_with_opposite_answers_agree_after_reload(
    bobs: Client, asked: list[Claim]
) -> None:
    """The last one wins, and both pages say so."""
    claim = shown(bobs)
    for value in ("agree", "disagree"):
        bobs.post(to("answer", claim), {"value": value})
    texts = {page(bobs, f"{REACT}?after={claim.uuid}") for _ in range(2)}
    assert {said(text) for text in texts} == {"Saved. Sentence 2 of 2. You answered “Disagree”."}
    assert mine().get(is_latest=True).value == "disagree"


# --- The parts that a script swaps in


def test_a_script_gets_the_next_card_alone(bobs: Client, asked: list[Claim]) -> None:
    """No head, no navigation; what was said, the last answer and the card."""
    claim = shown(bobs)
    answer = bobs.post(to("answer", claim), {"value": "agree", "token": "abc"}, headers=PARTS)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in text
    assert [text.count(f'data-part="{name}"') for name in ("said", "after", "card")] == [1, 1, 1]
    assert said(text) == "Saved. Sentence 2 of 2. You answered “Agree”."
    assert f'data-query="?after={claim.uuid}"' in text
    assert mine().get().token == "abc"


def test_a_sending_that_comes_again_counts_once(bobs: Client, asked: list[Claim]) -> None:
    """The same token after another answer changes nothing."""
    claim = shown(bobs)
    for value, token in (("agree", "t1"), ("disagree", "t2"), ("agree", "t1")):
        bobs.post(to("answer", claim), {"value": value, "token": token}, headers=PARTS)
    assert mine().count() == 2
    assert mine().get(is_latest=True).value == "disagree"


def test_a_script_that_sends_nonsense_gets_the_page_with_the_reason(
    bobs: Client, asked: list[Claim]
) -> None:
    """No card comes back, so the script lets the browser show the page."""
    answer = bobs.post(to("answer", shown(bobs)), {"value": "perhaps"}, headers=PARTS)
    assert answer.status_code == 400
    assert "data-part" not in answer.content.decode()


# --- When there is no card


def test_before_the_day_the_page_says_when(bobs: Client, consultation: Consultation) -> None:
    """Not yet open: the date, and what this is about."""
    Consultation.objects.update(opens_on=timezone.now().date() + timedelta(days=9))
    text = page(bobs)
    assert "Not open yet" in text
    assert "opens on" in text
    Consultation.objects.update(opens_on=None, closes_on=date(2020, 1, 1))
    assert "Reactions are closed" in page(bobs)


def test_closed_and_empty_pages_offer_what_is_left(
    bobs: Client, consultation: Consultation
) -> None:
    """Nobody wrote yet: write. Over: the result, and what I answered."""
    assert "Be the first to say something." in page(bobs)
    open_phase(consultation, phase="react")
    assert "Come back in a while." in page(bobs)
    open_phase(consultation, phase="review")
    text = page(bobs)
    assert "Reactions are closed" in text
    assert reverse("pages:so_far", args=["ai"]) in text


# --- Why, where from, how long


def test_the_reason_is_exact(bobs: Client, asked: list[Claim]) -> None:
    """From how many, with what chance, how much of it is even, and that nobody can choose."""
    page(bobs)
    Serving.objects.update(probability=0.05, among=237)
    text = page(bobs)
    assert "from the 237 sentences that you had not answered" in text
    assert "about 1 in 20; if all were alike, each would have 1 in 237." in text
    assert "Of 100 draws, 10 are alike for all sentences" in text
    assert "close to 60 in 100" in text
    assert "Nobody can choose whom a sentence is shown to" in text
    Serving.objects.update(probability=1, among=1)
    assert "It was the last sentence that you had not answered." in page(bobs)


def test_the_situation_stands_above_its_sentence(
    bobs: Client, consultation: Consultation, new_claim: NewClaim
) -> None:
    """Title and text of the scenario, as text."""
    claim = new_claim("It should wait.")
    scenario = {"key": "care", "title": "A nurse <b>asks</b>", "text": "At night & alone."}
    Consultation.objects.update(scenarios=[scenario])
    Statement.objects.filter(pk=claim.statement_id).update(scenario="care")
    text = page(bobs)
    assert escape(scenario["title"]) in text
    assert escape(scenario["text"]) in text


def test_answers_depend_on_no_number_of_claims_or_answers(
    bobs: Client,
    member: Membership,
    new_claim: NewClaim,
    django_assert_max_num_queries: Any,
) -> None:
    """A card and an answer cost a handful of queries, with 3 sentences and with 200."""
    first = new_claim("AI should do thing 0.")
    for number in (2, 200):
        Claim.objects.bulk_create(
            Claim(consultation=member.consultation, statement=first.statement, start=0, end=5)
            for _ in range(number)
        )
        claims = list(Claim.objects.exclude(reactions__participant=member)[: number // 2])
        Reaction.objects.bulk_create(
            Reaction(
                claim=one, participant=member, value="agree", served=True, given_at=timezone.now()
            )
            for one in claims
        )
        bobs.get(REACT)
        with django_assert_max_num_queries(9):
            claim = shown(bobs)
        with django_assert_max_num_queries(19):  # the answer, and the next card with it
            bobs.post(to("answer", claim), {"value": "agree"}, headers=PARTS)


# --- What we have so far


def test_so_far_lists_every_answer_with_a_way_to_change_it(
    bobs: Client, member: Membership, asked: list[Claim]
) -> None:
    """Her answer, its importance, what others said from k people up, and back here afterwards."""
    bobs.post(to("answer", asked[1]), {"value": "unsure", "importance": "2"})
    text = page(bobs, "/c/ai/so-far/")
    assert "You: Unsure." in text
    assert "It matters to you: 2 of 5." in text
    assert "Go on reacting" in text
    change = f"{to('answer', asked[1])}?mine=so-far"
    assert change in text
    assert 'name="mine" value="so-far"' in page(bobs, change)
    answer = bobs.post(to("answer", asked[1]), {"value": "agree", "mine": "so-far"})
    assert answer["Location"] == "/c/ai/so-far/#reactions"
    answer = bobs.post(to("undo", asked[1]), {"mine": "so-far"})
    assert answer["Location"] == "/c/ai/so-far/#reactions"


def test_so_far_tells_nothing_about_few(
    bobs: Client, member: Membership, new_claim: NewClaim
) -> None:
    """Below k people there is no count, only that there are few."""
    claim = new_claim("AI should be kind.")
    bobs.get(REACT)
    bobs.post(to("answer", claim), {"value": "agree"})
    text = page(bobs, "/c/ai/so-far/")
    assert "Fewer than 10 people have answered so far." in text
    assert "Of 1 people" not in text


@pytest.mark.parametrize("number", [10, 300])
def test_so_far_costs_the_same_with_many_answers(
    bobs: Client,
    member: Membership,
    new_claim: NewClaim,
    django_assert_max_num_queries: Any,
    number: int,
) -> None:
    """Twenty to a page, whatever there is."""
    first = new_claim("AI should do thing 0.")
    claims = Claim.objects.bulk_create(
        Claim(consultation=member.consultation, statement=first.statement, start=0, end=5)
        for _ in range(number)
    )
    Reaction.objects.bulk_create(
        Reaction(claim=one, participant=member, value="agree", served=True, given_at=timezone.now())
        for one in claims
    )
    with django_assert_max_num_queries(21):
        text = page(bobs, "/c/ai/so-far/")
    assert text.count("You: Agree.") == min(number, 20)
