"""What authors see and do when an organizer joined their sentence with another."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from suggested import NewClaim, SignIn, page

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.curation import services
from civic.curation.models import Decision, Kind


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
