"""Sentences of others that say the same, offered while somebody writes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from sending import (
    SIMILAR,
    WISH,
    WRITE,
    NewMember,
    SignIn,
    known,
    sent,
)

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.pages import similar as page_of_similar
from civic.reactions.models import Reaction, Serving
from civic.statements import similar
from civic.statements.models import Claim, Statement


def ask(browser: Client, text: str, **data: str) -> str:
    answer = browser.post(SIMILAR, {"text": text, **data})
    assert answer.status_code == 200
    return answer.content.decode()


def test_sentences_of_others_that_come_near_are_offered_but_never_their_opposites(
    bobs: Client, consultation: Consultation
) -> None:
    """Near by its words is also what says the contrary; a rule knows which way it points."""
    known(consultation, "AI should lie to patients.", "AI should never lie to its patients.")
    page = ask(bobs, "AI should never lie to patients.")
    assert "AI should never lie to its patients." in page
    assert "AI should lie to patients." not in page
    page = ask(bobs, "The AI should lie to patients.")
    assert "AI should never lie" not in page


def test_nothing_near_is_no_offer(bobs: Client, consultation: Consultation) -> None:
    """An answer without words; and none at all for a text without a wish."""
    known(consultation, WISH)
    for text in ("AI must refuse to build weapons.", "", "\u200b", "I am a nurse."):
        assert ask(bobs, text).strip() == ""


def test_only_what_she_can_agree_with_is_offered(
    bobs: Client, consultation: Consultation, member: Membership
) -> None:
    """Not her own, not what was hidden, taken back, shown to her or answered by her before."""
    (claim,) = known(consultation, WISH)
    known(consultation, "AI should be honest with all people.", author=member)
    page = ask(bobs, WISH)
    assert WISH in page
    assert "all people" not in page
    serving = Serving.objects.create(claim=claim, participant=member, probability=1.0)
    assert ask(bobs, WISH).strip() == ""
    serving.delete()
    Claim.objects.filter(pk=claim.pk).update(is_hidden=True)
    assert ask(bobs, WISH).strip() == ""
    Claim.objects.filter(pk=claim.pk).update(is_hidden=False)
    bobs.post(reverse("pages:agree", args=["ai", claim.uuid]))
    assert ask(bobs, WISH).strip() == ""


def test_another_situation_is_another_wish(bobs: Client, consultation: Consultation) -> None:
    """What holds at night is not offered to somebody who speaks of school."""
    (claim,) = known(consultation, WISH)
    Statement.objects.filter(pk=claim.statement_id).update(scenario="night")
    assert ask(bobs, WISH).strip() == ""
    assert WISH in ask(bobs, WISH, scenario="night")


def test_agreeing_keeps_the_draft_and_is_no_answer_to_a_served_sentence(
    bobs: Client, consultation: Consultation, member: Membership
) -> None:
    """She looked it up herself, so it measures no support; her own text is still there."""
    (claim,) = known(consultation, WISH)
    path = reverse("pages:agree", args=["ai", claim.uuid])
    answer = bobs.post(path, {"text": "AI should be kind."})
    assert answer["Location"] == WRITE
    assert "AI should be kind." in bobs.get(WRITE).content.decode()
    reaction = Reaction.objects.get()
    assert (reaction.participant, reaction.value, reaction.served) == (member, "agree", False)
    bobs.post(path)
    assert Reaction.objects.count() == 1


def test_without_a_script_the_receipt_asks_the_same(
    bobs: Client, consultation: Consultation
) -> None:
    """Near but not the same, so it was not merged; agreeing leads back to the receipt."""
    (claim,) = known(consultation, "AI should be honest with people and fair to animals.")
    receipt = sent(bobs)
    page = bobs.get(receipt).content.decode()
    assert "Is one of these yours already?" in page
    statement = Statement.objects.get(author__isnull=False)
    path = reverse("pages:agree", args=["ai", claim.uuid])
    answer = bobs.post(path, {"receipt": str(statement.uuid)})
    assert answer["Location"] == receipt
    assert "Is one of these yours already?" not in bobs.get(receipt).content.decode()


def test_asking_too_often_is_answered_by_nothing(
    bobs: Client, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that runs wild costs the server little."""
    monkeypatch.setattr(page_of_similar, "A_MINUTE", 2)
    known(consultation, WISH)
    codes = [bobs.post(SIMILAR, {"text": WISH}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_sentences_are_offered_to_participants_alone(
    sign_in: SignIn, charlie: User, consultation: Consultation, new_member: NewMember
) -> None:
    """Strangers are led to join, and nobody gets there by a link."""
    (claim,) = known(consultation, WISH)
    for path in (SIMILAR, reverse("pages:agree", args=["ai", claim.uuid])):
        for browser in (sign_in(None), sign_in(charlie)):
            assert browser.post(path, {"text": WISH}).status_code == 302
        assert sign_in(new_member("ann").user).get(path).status_code == 405
    assert not Reaction.objects.exists()


def test_nothing_is_offered_once_reacting_is_closed(
    bobs: Client, consultation: Consultation
) -> None:
    """There would be nothing to agree with."""
    (claim,) = known(consultation, WISH)
    open_phase(consultation, phase=Phase.REVIEW)
    assert bobs.post(SIMILAR, {"text": WISH}).status_code == 204
    path = reverse("pages:agree", args=["ai", claim.uuid])
    assert bobs.post(path).status_code == 409


def test_a_thousand_sentences_take_no_more_questions_than_ten(
    bobs: Client, consultation: Consultation
) -> None:
    """Both when the vectors are read and when they are held already."""

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            ask(bobs, WISH)
        return len(asked)

    known(consultation, *(f"AI should be honest with people of age {n}." for n in range(10)))
    few = queries()
    known(consultation, *(f"AI should be honest with people aged {n}." for n in range(990)))
    assert queries() == few
    similar.forget()
    assert queries() == few


def test_new_claims_are_found_without_reading_all_anew(
    bobs: Client, consultation: Consultation
) -> None:
    """The vectors held grow by those that came since."""
    known(consultation, "AI should be kind to animals.")
    ask(bobs, WISH)
    known(consultation, WISH)
    assert WISH in ask(bobs, WISH)
    (table,) = similar._tables.values()
    assert len(table.claims) == 2


def test_what_a_process_holds_is_bounded(
    bobs: Client, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest claims are kept, the others are not offered."""
    monkeypatch.setattr(similar, "MOST_ROWS", 3)
    known(consultation, *(f"AI should be honest with people of age {n}." for n in range(5)))
    ask(bobs, WISH)
    known(consultation, "AI should be honest with all people.")
    ask(bobs, WISH)
    (table,) = similar._tables.values()
    assert len(table.claims) == 3
