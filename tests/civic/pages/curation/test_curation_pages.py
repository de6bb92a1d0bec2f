"""Pages about claims and themes: the organizer's lists and acts, and the record of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from suggested import EVIDENCE, NewClaim, address, page

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership
from civic.curation import services
from civic.curation.models import Decision, Kind, Suggestion
from civic.statements.models import Claim, Segment, Statement

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
