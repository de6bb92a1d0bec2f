"""What is closed to whom: consultations by invitation, drafts, waiting and hidden texts."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.consultations.models import Consultation
from civic.specs.models import SpecVersion
from civic.statements.models import Claim, Statement

SignIn = Callable[[User | None], Client]


def test_consultations_by_invitation_do_not_exist_for_strangers(
    consultation: Consultation,
    published: SpecVersion,
    people: dict[str, User | None],
    sign_in: SignIn,
) -> None:
    """Every page of it answers 404 to strangers, and 200 to those who were invited."""
    Consultation.objects.update(access="invite")
    paths = [
        f"/c/{consultation.slug}/{rest}"
        for rest in (
            "",
            "spec/",
            "spec/1/",
            "spec/1/files/",
            "decisions/",
            "write/",
            "react/",
            "mine/",
        )
    ]
    for path in paths:
        assert sign_in(None).get(path).status_code == 404
        assert sign_in(people["stranger"]).get(path).status_code == 404
        assert sign_in(people["participant"]).get(path).status_code == 200


def test_a_draft_is_for_the_team(
    draft: SpecVersion, people: dict[str, User | None], sign_in: SignIn
) -> None:
    """Organizer and auditor read a draft; moderators, participants and strangers find nothing."""
    path = reverse("specs:version", args=[draft.consultation.slug, draft.number])
    for role, user in people.items():
        expected = 200 if role in ("organizer", "auditor") else 404
        if role == "nobody":
            expected = 401
        assert sign_in(user).get(path).status_code == expected, role


def test_waiting_and_hidden_texts_stay_out_of_sight(
    consultation: Consultation, people: dict[str, User | None], asked: list[Claim], sign_in: SignIn
) -> None:
    """A hidden statement leaves a tombstone with the reason; a waiting one is not there yet."""
    statement = asked[0].statement
    path = reverse("pages:statement", args=[consultation.slug, statement.uuid])
    Statement.objects.update(moderation="rejected", moderation_reason="Advertising.")
    told = sign_in(people["stranger"]).get(path).content.decode()
    assert "Advertising." in told
    assert "kind to everybody" not in told
    assert "kind to everybody" in sign_in(people["participant"]).get(path).content.decode()
    Statement.objects.update(moderation="waiting")
    assert sign_in(people["stranger"]).get(path).status_code == 404
