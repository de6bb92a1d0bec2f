"""The citizen's pages: write, react, look where it went, take it back. All without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.reactions.models import Reaction, Serving
from civic.specs.models import SpecVersion
from civic.statements.models import Claim, Segment, Statement

SignIn = Callable[[User | None], Client]
TEXT = "An AI should admit that it is a machine."


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements wait for their preparation, as they do while the worker is busy."""
    monkeypatch.setattr("civic.statements.pipeline.prepare_statement", lambda statement_id: None)


def test_the_front_page_lists_what_is_open(consultation: Consultation, client: Client) -> None:
    """A stranger sees the consultation and what this is about."""
    page = client.get("/").content.decode()
    assert "How should AI behave?" in page
    assert reverse("pages:consultation", args=["ai"]) in page


def test_the_front_page_is_calm_when_nothing_is_open(client: Client, db: None) -> None:
    """An empty installation says so."""
    assert "Nothing is open at the moment" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        ("collect", "Say what you think"),
        ("react", "React to what people wrote"),
        ("review", "preparing the result"),
        ("closed", "This consultation is over"),
    ],
)
def test_each_phase_offers_what_is_open(
    consultation: Consultation, client: Client, phase: str, sentence: str
) -> None:
    """The consultation's page says where it stands and offers one thing to do."""
    open_phase(consultation, phase=phase)
    assert sentence in client.get("/c/ai/").content.decode()


def test_small_numbers_of_people_are_not_told(consultation: Consultation, client: Client) -> None:
    """Below k people the page says so and gives no figure."""
    assert "Fewer than 10 people so far" in client.get("/c/ai/").content.decode()


def test_a_stranger_is_led_to_sign_in_and_back(consultation: Consultation, client: Client) -> None:
    """From the write page to joining, which asks for a code first, then back to writing."""
    answer = client.get("/c/ai/write/")
    assert answer["Location"] == "/c/ai/join/?next=%2Fc%2Fai%2Fwrite%2F"
    answer = client.get(answer["Location"])
    assert answer["Location"].startswith("/accounts/login/code/?next=/c/ai/join/")
    assert "%252Fc%252Fai%252Fwrite%252F" in answer["Location"]


def test_joining_leads_back(consultation: Consultation, sign_in: SignIn, charlie: User) -> None:
    """Charlie agrees once, and lands where he wanted to go."""
    browser = sign_in(charlie)
    answer = browser.get("/c/ai/react/")
    assert "/c/ai/join/" in answer["Location"]
    answer = browser.post("/c/ai/join/", {"next": "/c/ai/react/"})
    assert answer["Location"] == "/c/ai/react/"
    assert consultation.memberships.get(user=charlie).is_participant


def test_joining_leads_nowhere_else(
    consultation: Consultation, sign_in: SignIn, charlie: User
) -> None:
    """An address of another site is not followed."""
    answer = sign_in(charlie).post("/c/ai/join/", {"next": "https://evil.example/"})
    assert answer["Location"] == "/c/ai/"


def test_a_statement_is_sent_once_and_receipted(bobs: Client) -> None:
    """Sending redirects to a receipt with a reference number; sending again makes no second row."""
    answer = bobs.post("/c/ai/write/", {"text": TEXT})
    statement = Statement.objects.get()
    assert answer["Location"] == reverse("pages:receipt", args=["ai", statement.uuid])
    receipt = bobs.get(answer["Location"]).content.decode()
    assert f"{statement.key[:4]}-{statement.key[4:8]}" in receipt
    bobs.post("/c/ai/write/", {"text": TEXT})
    assert Statement.objects.count() == 1


@pytest.mark.parametrize(
    "text", ["", "   \n ", "\u200b\u200b", "a" * 40_001, "a\x00b", "e" + "\u0301" * 50]
)
def test_a_text_that_cannot_be_taken_is_explained_and_kept(bobs: Client, text: str) -> None:
    """The error stands on top, is linked to the box, and the box still holds the text."""
    answer = bobs.post("/c/ai/write/", {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'role="alert"' in page
    assert 'href="#id_text"' in page
    assert page.count("a" * 1000) == text.count("a" * 1000)
    assert not Statement.objects.exists()


@pytest.mark.parametrize("unit", ["界", "👨\u200d👩\u200d👧\u200d👦", "x"])
def test_ten_thousand_characters_are_taken(bobs: Client, unit: str) -> None:
    """As people count characters, whatever their bytes; the form as a browser encodes it."""
    body = urlencode({"text": unit * 10_000})
    answer = bobs.post("/c/ai/write/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert Statement.objects.get().text == unit * 10_000


def test_personal_data_asks_once_and_keeps_the_text(bobs: Client) -> None:
    """A phone number brings a question; sending it works, changing it shows the box again."""
    text = "Call me under 0176 1234567 and I explain."
    asked = bobs.post("/c/ai/write/", {"text": text})
    assert "a phone number" in asked.content.decode()
    assert not Statement.objects.exists()
    edited = bobs.post("/c/ai/write/", {"text": text, "action": "edit", "confirmed": "on"})
    assert text in edited.content.decode()
    assert 'role="alert"' not in edited.content.decode()
    bobs.post("/c/ai/write/", {"text": text, "action": "send", "confirmed": "on"})
    assert Statement.objects.get().text == text


def test_machines_that_fill_hidden_fields_are_refused(bobs: Client) -> None:
    """The trap field must stay empty."""
    bobs.post("/c/ai/write/", {"text": TEXT, "website": "https://spam.example"})
    assert not Statement.objects.exists()


def test_the_text_survives_signing_in(
    consultation: Consultation, client: Client, bob: User, member: Membership
) -> None:
    """Somebody whose session ended while writing finds the text in the box afterwards."""
    answer = client.post("/c/ai/write/", {"text": TEXT})
    assert answer["Location"].startswith("/c/ai/join/")
    client.force_login(bob)
    assert TEXT in client.get("/c/ai/write/").content.decode()


def test_writing_is_closed_outside_its_phase(bobs: Client, consultation: Consultation) -> None:
    """The page says what is open instead, and a form sent late stores nothing."""
    open_phase(consultation, phase="react")
    assert "New statements are closed" in bobs.get("/c/ai/write/").content.decode()
    bobs.post("/c/ai/write/", {"text": TEXT})
    assert not Statement.objects.exists()


def test_foreign_claims_come_one_at_a_time(bobs: Client, asked: list[Claim]) -> None:
    """Bob never sees his own sentence, answers the two others, then has seen all."""
    for position in (1, 2):
        page = bobs.get("/c/ai/react/")
        claim = page.context["claim"]
        assert claim != asked[0]
        text = page.content.decode()
        assert f"Sentence {position} of 2" in text
        assert "Another participant wrote" in text
        assert "Why am I seeing this?" in text
        answer = bobs.post(reverse("reactions:answer", args=["ai", claim.uuid]), {"value": "agree"})
        assert answer.status_code == 302
    assert "You have answered everything" in bobs.get("/c/ai/react/").content.decode()
    assert Reaction.objects.filter(participant__user__email="bob@example.org").count() == 2


def test_the_last_answer_is_read_back_and_changed(bobs: Client, asked: list[Claim]) -> None:
    """After an answer the page says what was saved, with a way to change it; the latest counts."""
    claim = bobs.get("/c/ai/react/").context["claim"]
    path = reverse("reactions:answer", args=["ai", claim.uuid])
    page = bobs.post(path, {"value": "agree", "importance": "4"}, follow=True).content.decode()
    assert "You answered “Agree”." in page
    assert path in page
    assert "Your answer so far: <strong>Agree</strong>" in bobs.get(path).content.decode()
    bobs.post(path, {"value": "disagree"})
    latest = Reaction.objects.get(claim=claim, is_latest=True, participant__user__isnull=False)
    assert latest.value == "disagree"


def test_ones_own_claim_cannot_be_answered(bobs: Client, asked: list[Claim]) -> None:
    """Not even by its address."""
    path = reverse("reactions:answer", args=["ai", asked[0].uuid])
    assert bobs.get(path).status_code == 404
    assert bobs.post(path, {"value": "agree"}).status_code == 404


@pytest.mark.parametrize("data", [{}, {"value": "perhaps"}, {"value": "agree", "importance": "9"}])
def test_an_answer_that_is_none_is_refused_in_words(
    bobs: Client, asked: list[Claim], data: dict[str, str]
) -> None:
    """A form without a proper answer comes back with the error and stores nothing."""
    answer = bobs.post(reverse("reactions:answer", args=["ai", asked[1].uuid]), data)
    assert answer.status_code == 400
    assert not Reaction.objects.filter(participant__user__isnull=False).exists()


def test_reloading_serves_the_same_claim(bobs: Client, asked: list[Claim]) -> None:
    """Nobody skips through the pool by pressing reload."""
    seen = {bobs.get("/c/ai/react/").context["claim"].pk for _ in range(4)}
    assert len(seen) == 1
    assert Serving.objects.count() == 1


def test_stopping_shows_what_there_is_so_far(bobs: Client, asked: list[Claim]) -> None:
    """Totals, and how others answered what Bob answered, from k people up."""
    claim = bobs.get("/c/ai/react/").context["claim"]
    bobs.post(reverse("reactions:answer", args=["ai", claim.uuid]), {"value": "unsure"})
    page = bobs.get("/c/ai/so-far/").content.decode()
    assert "You have answered 1 of 2 sentences" in page
    assert "Of 41 people" in page


def test_my_part_says_where_each_sentence_is(
    bobs: Client, published: SpecVersion, member: Membership
) -> None:
    """Bob's sentence is common ground in version 1; the page links to the clause and counts."""
    page = bobs.get("/c/ai/mine/").content.decode()
    assert "Common ground" in page
    assert (
        reverse(
            "specs:clause",
            args=["ai", 1, published.clauses.get(claim__statement__author=member).key],
        )
        in page
    )
    assert "So far 40 people answered: 38 agree, 0 disagree, 2 are unsure." in page


def test_my_part_tells_of_every_other_state(
    bobs: Client, consultation: Consultation, member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Waiting, hidden with its reason, withdrawn, context and merged are told apart in words."""
    make = {"consultation": consultation, "author": member, "language": "en"}
    Statement.objects.create(text="One.", moderation="waiting", **make)
    Statement.objects.create(
        text="Two.", moderation="rejected", moderation_reason="Advertising.", **make
    )
    withdrawn = Statement.objects.create(text="Three.", moderation="accepted", **make)
    bobs.post(reverse("statements:withdraw", args=["ai", withdrawn.uuid]))
    two = Statement.objects.create(text="Be nice. I am old.", moderation="accepted", **make)
    Statement.objects.filter(pk=two.pk).update(prepared_at=two.created_at)
    other = new_claim("AI should be kind.")
    Segment.objects.create(statement=two, start=0, end=8, is_norm=True, claim=other)
    Segment.objects.create(statement=two, start=9, end=18, is_norm=False)
    page = bobs.get("/c/ai/mine/").content.decode()
    for words in (
        "Waiting for a moderator",
        "Advertising.",
        "You withdrew this statement",
        "Context:",
    ):
        assert words in page
    assert "Joined with a sentence that says nearly the same" in page
    bobs.post(reverse("curation:separate_sentence", args=["ai", two.uuid, 0]))
    assert Segment.objects.get(statement=two, start=0).claim != other


def test_withdrawing_asks_first_and_is_ones_own(
    bobs: Client, asked: list[Claim], sign_in: SignIn, charlie: User
) -> None:
    """A page asks; the statement then leaves a tombstone. Nobody withdraws for somebody else."""
    statement = asked[0].statement
    path = reverse("statements:withdraw", args=["ai", statement.uuid])
    assert "Withdraw this statement?" in bobs.get(path).content.decode()
    foreign = reverse("statements:withdraw", args=["ai", asked[1].statement.uuid])
    assert bobs.post(foreign).status_code == 404
    bobs.post(path)
    public = sign_in(charlie).get(reverse("pages:statement", args=["ai", statement.uuid]))
    assert "This statement was withdrawn" in public.content.decode()


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "{{ 7|add:7 }} {% csrf_token %}",
    ],
)
def test_citizens_words_are_text_on_every_page(
    bobs: Client,
    consultation: Consultation,
    member: Membership,
    new_claim: Callable[..., Claim],
    attack: str,
) -> None:
    """Markup and template syntax in a statement, a title or a name come out as typed."""
    Consultation.objects.update(title=attack, question=attack, description=attack)
    User.objects.filter(email="alice@example.org").update(display_name=attack)
    new_claim(attack)
    mine = new_claim(attack + " and mine", author=member)
    paths = ["/", "/c/ai/", "/c/ai/react/", "/c/ai/mine/", "/c/ai/write/"]
    paths.append(reverse("pages:statement", args=["ai", mine.statement.uuid]))
    for path in paths:
        page = bobs.get(path).content.decode()
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert escape(attack) in page or path == "/c/ai/write/"


def test_citizens_words_carry_language_and_direction(
    bobs: Client, new_claim: Callable[..., Claim]
) -> None:
    """A sentence in Arabic on an English page is announced and laid out as Arabic."""
    claim = new_claim("يجب أن تكون لطيفة")
    Claim.objects.filter(pk=claim.pk).update(language="ar")
    assert 'dir="auto" lang="ar"' in bobs.get("/c/ai/react/").content.decode()


def test_pages_ask_few_questions_of_the_database(
    bobs: Client,
    consultation: Consultation,
    member: Membership,
    new_claim: Callable[..., Claim],
    django_assert_max_num_queries: Any,
) -> None:
    """My part and reacting take the same handful of queries however much a person did."""
    for number in range(30):
        claim = new_claim(f"AI should be kind, number {number}.", author=member)
        other = new_claim(f"AI should be quick, number {number}.")
        Reaction.objects.create(claim=other, participant=member, value="agree", served=True)
        assert claim.pk
    new_claim("AI should be brief.")
    with django_assert_max_num_queries(24):
        assert bobs.get("/c/ai/mine/").status_code == 200
    with django_assert_max_num_queries(26):
        assert bobs.get("/c/ai/react/").status_code == 200
