"""Words that cannot stand alone are shown between their neighbours, wherever they are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.curation import services
from civic.pages.templatetags.citizen import in_context
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Segment, Statement

TEXT = "AI is <b>everywhere</b>. It should not be. I mean it."
START = TEXT.index("It should")
END = START + len("It should not be.")


@pytest.fixture
def leaning(consultation: Consultation) -> Claim:
    """The words “It should not be.”, which says nothing without the sentence before it."""
    statement = Statement.objects.create(
        consultation=consultation, text=TEXT, language="en", moderation="accepted"
    )
    return Claim.objects.create(
        consultation=consultation,
        statement=statement,
        start=START,
        end=END,
        context_start=0,
        context_end=END,
        language="en",
    )


def test_what_stands_around_a_claim_is_dimmed_and_escaped(leaning: Claim) -> None:
    """The claim's own words are marked, its neighbours pale; markup stays text."""
    assert leaning.text == "It should not be."
    assert in_context(leaning) == (
        '<span class="around">AI is &lt;b&gt;everywhere&lt;/b&gt;. </span><b>It should not be.</b>'
    )


def test_a_claim_that_stands_alone_is_shown_alone(leaning: Claim) -> None:
    """Without a context there are just its words."""
    leaning.context_start = leaning.context_end = None
    assert in_context(leaning) == "It should not be."


@given(text=st.text(min_size=1, max_size=40), data=st.data())
def test_no_text_becomes_markup(text: str, data: st.DataObject) -> None:
    """Whatever was written, taking our own three tags out leaves exactly the escaped passage."""
    cuts = sorted(data.draw(st.integers(0, len(text))) for _ in range(4))
    claim = Claim(statement=Statement(text=text), start=cuts[1], end=cuts[2])
    claim.context_start, claim.context_end = cuts[0], cuts[3]
    told = in_context(claim)
    for tag in ('<span class="around">', "</span>", "<b>", "</b>"):
        told = told.replace(tag, "", 2)
    assert told == escape(text[cuts[0] : cuts[3]])


def test_it_is_shown_so_wherever_a_citizen_reads(
    leaning: Claim, member: Membership, bob: User, client: Client
) -> None:
    """On the card, where an answer is changed, in my part and in what we have so far."""
    client.force_login(bob)
    Reaction.objects.create(claim=leaning, participant=member, value="agree", served=True)
    for path in (
        reverse("reactions:answer", args=["ai", leaning.uuid]),
        "/c/ai/mine/",
        "/c/ai/so-far/",
    ):
        assert "<b>It should not be.</b>" in client.get(path).content.decode(), path
    Reaction.objects.all().delete()
    card = client.get("/c/ai/react/").content.decode()
    assert "<b>It should not be.</b>" in card
    assert "Only the underlined ones are put to the vote." in card


def test_a_passage_that_leaves_a_claim_keeps_its_context(
    consultation: Consultation, alice: User, new_claim: Callable[..., Claim]
) -> None:
    """The new claim's words lean on the sentence before them, and are shown with it."""
    text = "People trust an assistant with everything. It should never abuse that."
    old = new_claim("An assistant must not abuse trust.")
    statement = Statement.objects.create(
        consultation=consultation, text=text, language="en", moderation="accepted"
    )
    start = text.index("It should")
    passage = Segment.objects.create(
        statement=statement, start=start, end=len(text), is_norm=True, claim=old
    )
    made = services.split_claim(old, passages=[passage], by=alice, reason="It says more.")
    assert (made.second.context_start, made.second.context_end) == (0, len(text))
