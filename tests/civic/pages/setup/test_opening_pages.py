"""From the draft to the public: preview, checklist, phases, dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from civic.accounts.models import User
from civic.consultations.blueprints import BLUEPRINTS
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.pages.preview import pages_of
from civic.statements.models import Claim, Statement

SignIn = Callable[[User | None], Client]
SETUP = "/o/robots/setup/"


@pytest.mark.parametrize("access", ["link", "open", "invite"])
def test_the_preview_shows_the_real_pages_and_stores_nothing(
    alices: Client, draft: Consultation, access: str
) -> None:
    """No person, statement or claim is left; the draft is still a draft."""
    Consultation.objects.update(access=access)

    def stored() -> list[int]:
        return [rows.objects.count() for rows in (User, Membership, Statement, Claim)]

    before = stored()
    for page, words in (
        ("start", "What should an AI do in these situations?"),
        ("write", "<textarea"),
        ("react", "It must not decide for me"),
    ):
        answer = alices.get(f"{SETUP}preview/{page}/")
        markup = answer.content.decode()
        assert answer.status_code == 200
        assert "Nothing you do here is stored." in markup
        assert page == "react" or words in markup
        assert "<script" not in markup
        assert set(re.findall(r'<form[^>]*action="([^"]+)"', markup)) <= {f"{SETUP}preview/{page}/"}
        assert "<form>" not in markup
    assert stored() == before
    draft.refresh_from_db()
    assert draft.phase == "draft"


def test_what_is_sent_from_a_preview_is_thrown_away(alices: Client, draft: Consultation) -> None:
    """It says so and goes on to the next page."""
    answer = alices.post(f"{SETUP}preview/write/", {"text": "AI should be kind."}, follow=True)
    assert answer.redirect_chain[0][0] == f"{SETUP}preview/react/"
    assert "nothing was stored" in answer.content.decode()
    assert not Statement.objects.exists()


def test_a_preview_shows_what_its_blueprint_opens(draft: Consultation) -> None:
    """Where nobody writes there is no page for writing."""
    shown = {}
    for key in BLUEPRINTS:
        draft.blueprint = key
        shown[key] = pages_of(draft)
    assert shown["ratify"] == ("start", "react")
    assert shown["analyse"] == ("start",)


def test_it_opens_when_everything_is_there(alices: Client, draft: Consultation) -> None:
    """Until then the button is missing, and a made-up form opens nothing."""
    page = alices.get(f"{SETUP}publish/").content.decode()
    assert "1 thing is missing" in page
    assert "Open the consultation" not in page
    alices.post(f"{SETUP}publish/")
    draft.refresh_from_db()
    assert draft.phase == "draft"
    policy = {"moderation": "before", "moderation_policy": "Be kind.", "read_myself": "on"}
    alices.post(f"{SETUP}moderation/", policy)
    assert "Open the consultation" in alices.get(f"{SETUP}publish/").content.decode()
    answer = alices.post(f"{SETUP}publish/")
    assert answer["Location"] == "/o/robots/"
    draft.refresh_from_db()
    assert draft.phase == "collect"
    assert "publish" in draft.steps_saved


def test_a_phase_that_lets_people_in_needs_the_checklist(
    alices: Client, draft: Consultation
) -> None:
    """The page says how much is missing, and pressing anyway leads to the list."""
    page = alices.get("/o/robots/phase/").content.decode()
    assert "1 thing is missing before people can be let in." in page
    answer = alices.post("/o/robots/phase/", {"phase": "collect"})
    assert answer["Location"] == f"{SETUP}publish/"
    assert alices.post("/o/robots/phase/", {"phase": "review"})["Location"] == "/o/robots/"


def test_going_back_is_confirmed(alices: Client, draft: Consultation) -> None:
    """The first press asks, with what opens and closes; the second goes."""
    open_phase(draft, phase="review")
    asked = alices.post("/o/robots/phase/", {"phase": "draft"})
    assert asked.status_code == 200
    assert "Go back to “Draft”?" in asked.content.decode()
    draft.refresh_from_db()
    assert draft.phase == "review"
    alices.post("/o/robots/phase/", {"phase": "draft", "confirmed": "1"})
    draft.refresh_from_db()
    assert draft.phase == "draft"


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"opens_on": date(2090, 1, 1)}, "This consultation opens on 1 January 2090 (UTC)."),
        ({"closes_on": date(2020, 1, 1)}, "closed at the end of 1 January 2020 (UTC)."),
    ],
)
def test_citizens_read_the_day_where_they_would_write_or_react(
    consultation: Consultation, member: Membership, sign_in: SignIn, dates: Any, told: str
) -> None:
    """Before and after the dates both pages say so, although the phase would allow it."""
    Consultation.objects.update(**dates)
    for place in ("write", "react"):
        assert told in sign_in(member.user).get(f"/c/ai/{place}/").content.decode()
