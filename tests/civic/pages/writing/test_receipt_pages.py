"""Reading it back: the receipt, and what its author says of each sentence."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from sending import (
    TEXT,
    WISH,
    NewClaim,
    NewMember,
    SignIn,
    known,
    sent,
    sentence_at,
    token_of,
)

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.curation.models import Decision
from civic.curation.services import merge_claims
from civic.statements.models import Claim, Segment, Statement


def test_sentences_are_marked_in_the_whole_text(bobs: Client) -> None:
    """Two wishes are marked; the sentence beside them is told to be context."""
    page = bobs.get(sent(bobs)).content.decode()
    assert f'I am a nurse. <mark class="wish">{WISH}</mark>' in page
    assert page.count('<mark class="wish">') == 2
    assert "1 more sentence was read as context" in page
    assert "Reading your text" not in page


def test_each_sentence_is_confirmed_taken_back_and_put_back(bobs: Client) -> None:
    """One tap each; the receipt shows what was said, and an undo."""
    receipt = sent(bobs)
    here = sentence_at(receipt, 14)
    assert bobs.post(here, {"verdict": "yes"})["Location"] == f"{receipt}#sentence-14"
    assert "You said: that is what I mean." in bobs.get(receipt).content.decode()
    bobs.post(here, {"verdict": "no"})
    page = bobs.get(receipt).content.decode()
    assert "Taken back." in page
    assert f'<mark class="wish taken-back">{WISH}</mark>' in page
    assert Claim.objects.filter(is_hidden=True).count() == 1
    bobs.post(here, {"verdict": ""})
    assert not Claim.objects.filter(is_hidden=True).exists()
    assert bobs.post(here, {"verdict": "maybe"}).status_code == 400


def test_context_is_not_judged(bobs: Client) -> None:
    """There is nothing to confirm about a sentence that nobody is asked about."""
    assert bobs.post(sentence_at(sent(bobs), 0), {"verdict": "no"}).status_code == 404


def test_a_sentence_is_put_differently(bobs: Client) -> None:
    """The form holds the old words; sending it twice makes one statement, and undo withdraws it."""
    receipt = sent(bobs)
    form = sentence_at(receipt, 14, act="differently")
    page = bobs.get(form).content.decode()
    assert WISH in page
    data = {"text": "AI should tell people the truth.", "token": token_of(page)}
    first = bobs.post(form, data)["Location"]
    assert bobs.post(form, data)["Location"] == first
    assert Statement.objects.count() == 2
    assert "You put it differently." in bobs.get(receipt).content.decode()
    bobs.post(sentence_at(receipt, 14), {"verdict": ""})
    assert Statement.objects.get(revises__isnull=False).withdrawn_at is not None


@pytest.mark.parametrize("text", ["", " \n", "\u200b", WISH, "x" * 10_001])
def test_other_words_have_to_be_words(bobs: Client, text: str) -> None:
    """The error stands on top and the text stays in the box."""
    form = sentence_at(sent(bobs), 14, act="differently")
    answer = bobs.post(form, {"text": text})
    assert answer.status_code == 400
    assert 'href="#id_text"' in answer.content.decode()
    assert Statement.objects.count() == 1


def test_other_words_with_a_number_in_them_are_asked_about_once(bobs: Client) -> None:
    """The same warning as for a statement."""
    form = sentence_at(sent(bobs), 14, act="differently")
    data = {"text": "AI should call 0176 1234567."}
    assert "a phone number" in bobs.post(form, data).content.decode()
    assert bobs.post(form, data | {"confirmed": "on"}).status_code == 302


def test_a_merged_sentence_shows_whose_words_stand_for_it_and_leaves_them(
    bobs: Client, consultation: Consultation, new_member: NewMember
) -> None:
    """She reads the other words, and with one tap hers are put to the vote by themselves."""
    known(consultation, "AI should be honest with people!", author=new_member("ann"))
    receipt = sent(bobs)
    page = bobs.get(receipt).content.decode()
    assert "AI should be honest with people!" in page
    assert "Is that still what you mean?" in page
    bobs.post(sentence_at(receipt, 14), {"verdict": "alone"})
    assert Claim.objects.filter(statement__author__user__email="bob@example.org").count() == 2
    assert Decision.objects.get().kind == "separated"


def test_a_sentence_leaves_what_an_organizer_joined_it_with(
    bobs: Client, consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """The organizer's reason is shown, and so is the way out."""
    receipt = sent(bobs)
    Statement.objects.update(moderation="accepted")
    mine = Claim.objects.get(start=14)
    kept = new_claim("AI should tell the truth.")
    merge_claims(consultation, kept=kept, folded=mine, by=alice, reason="Same wish.")
    assert "Same wish." in bobs.get(receipt).content.decode()
    bobs.post(sentence_at(receipt, 14), {"verdict": "alone"})
    assert not Decision.objects.filter(kind="together", undone_at=None).exists()


def test_a_receipt_is_its_authors_alone(
    bobs: Client, sign_in: SignIn, new_member: NewMember, charlie: User, alice: User
) -> None:
    """Other participants and organizers find nothing; strangers are led to join first."""
    receipt = sent(bobs)
    ann = new_member("ann")
    for path in (receipt, sentence_at(receipt, 14, act="differently")):
        assert sign_in(ann.user).get(path).status_code == 404
        assert sign_in(charlie).get(path).status_code == 302
        assert sign_in(None).get(path).status_code == 302
    for browser in (sign_in(ann.user), sign_in(charlie), sign_in(alice), sign_in(None)):
        browser.post(sentence_at(receipt, 14), {"verdict": "no"})
    assert not Segment.objects.filter(verdict="no").exists()


def test_a_text_that_is_not_read_yet_is_looked_for_again(
    bobs: Client, member: Membership, consultation: Consultation
) -> None:
    """A link, and a script that looks again for two minutes and no longer."""
    waiting = Statement.objects.create(consultation=consultation, author=member, text=TEXT)
    receipt = reverse("pages:receipt", args=["ai", waiting.uuid])
    page = bobs.get(receipt).content.decode()
    assert "Look again" in page
    assert f'hx-get="{receipt}?looked=1"' in page
    piece = bobs.get(f"{receipt}?looked=7", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece
    assert f'hx-get="{receipt}?looked=8"' in piece
    last = bobs.get(f"{receipt}?looked=40", headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in last
    assert "Reading takes longer than usual" in last


def test_a_text_without_a_wish_is_told_so(bobs: Client) -> None:
    """Nothing to react to, and a way to add something."""
    page = bobs.get(sent(bobs, "I am a nurse. I work at night.")).content.decode()
    assert "We found no sentence that others could agree or disagree with." in page
