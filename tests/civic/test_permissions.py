"""Who may do what: an organizer, a moderator, an auditor, a participant, a stranger, nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from civic.accounts.models import User
from civic.accounts.permissions import PERMISSIONS, can, require
from civic.accounts.services import ensure_user, erase_user
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import grant_role, open_phase
from civic.errors import Forbidden, NotFound, SignInRequired
from civic.statements.models import Claim, Statement

ROLES = (
    *("owner", "organizer", "moderator", "analyst", "auditor"),
    *("participant", "stranger", "anonymous"),
)
ORGANIZERS = {"owner", "organizer"}
READERS = ORGANIZERS | {"analyst", "auditor"}
# Who may, on a statement that is shown and was written by the participant.
ALLOWED = {
    "consultations.view": set(ROLES),
    "consultations.join": set(ROLES) - {"anonymous"},
    "consultations.leave": {"participant"},
    "consultations.manage": ORGANIZERS,
    "consultations.desk": READERS | {"moderator"},
    "consultations.view_setup": ORGANIZERS | {"auditor"},
    "consultations.view_team": ORGANIZERS | {"auditor"},
    "consultations.invite": ORGANIZERS,
    "consultations.change_team": {"owner"},
    "consultations.delete": {"owner"},
    "consultations.import": ORGANIZERS,
    "consultations.view_imports": ORGANIZERS | {"auditor"},
    "consultations.view_log": ORGANIZERS | {"auditor"},
    "statements.submit": {"participant"},
    "statements.view": set(ROLES),
    "statements.withdraw": {"participant"},
    "statements.judge": {"participant"},
    "statements.moderate": ORGANIZERS | {"moderator"},
    "statements.flag": set(),  # she wrote it herself
    "reactions.cast": {"participant"},
    "reactions.read_conditions": ORGANIZERS | {"analyst"},
    "curation.view": READERS,
    "curation.decide": ORGANIZERS,
    "curation.separate": {"participant"},
    "curation.answer": {"participant"},
    "answers.judge": {"participant"},
    "analysis.view": READERS,
    "analysis.run": ORGANIZERS | {"analyst"},
    "specs.audit": ORGANIZERS | {"auditor"},
    "specs.draft": ORGANIZERS,
    "specs.publish": ORGANIZERS,
    "specs.reply": ORGANIZERS,
}


@pytest.fixture
def people(
    consultation: Consultation, alice: User, member: Membership, charlie: User
) -> dict[str, object]:
    """One person per role."""
    found: dict[str, object] = {
        "owner": alice,
        "participant": member.user,
        "stranger": charlie,
        "anonymous": AnonymousUser(),
    }
    for role in ("organizer", "moderator", "analyst", "auditor"):
        found[role] = ensure_user(f"{role}@example.org")
        grant_role(consultation, user=found[role], role=role)
    return found


@pytest.mark.parametrize("permission", ALLOWED)
def test_each_role_may_do_exactly_what_the_table_says(
    permission: str,
    people: dict[str, object],
    member: Membership,
    new_claim: Callable[..., Claim],
) -> None:
    """A role that is not named for an act is refused it."""
    statement = new_claim("AI should be kind.", author=member).statement
    allowed = {role for role, user in people.items() if can(user, permission, statement)}
    assert allowed == ALLOWED[permission]


def test_the_table_above_covers_every_permission() -> None:
    """No permission is left untested."""
    elsewhere = {"accounts.erase", "consultations.create", "specs.view"}
    assert set(PERMISSIONS) == set(ALLOWED) | elsewhere


def test_a_hidden_statement_is_seen_by_author_and_staff_only(
    people: dict[str, object], member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """What a moderator hid is gone for strangers and analysts, not for its author."""
    statement = new_claim("Something hostile.", author=member).statement
    statement.moderation = Statement.Moderation.REJECTED
    seen = {role for role, user in people.items() if can(user, "statements.view", statement)}
    assert seen == {"owner", "organizer", "moderator", "auditor", "participant"}


def test_a_draft_does_not_exist_for_strangers(
    consultation: Consultation, alice: User, charlie: User
) -> None:
    """A stranger cannot tell a draft from an address that leads nowhere."""
    open_phase(consultation, phase=Phase.DRAFT, by=alice)
    with pytest.raises(NotFound):
        require(charlie, "consultations.manage", consultation)
    with pytest.raises(NotFound):
        require(AnonymousUser(), "statements.submit", consultation)


def test_what_is_public_is_refused_with_the_reason(
    consultation: Consultation, charlie: User
) -> None:
    """Whoever has not signed in is asked to, whoever lacks the role is told so."""
    with pytest.raises(SignInRequired):
        require(AnonymousUser(), "statements.submit", consultation)
    with pytest.raises(Forbidden):
        require(charlie, "statements.submit", consultation)


def test_only_hosts_make_consultations(alice: User, bob: User) -> None:
    """An account alone does not let anybody start a consultation."""
    assert can(alice, "consultations.create")
    assert not can(bob, "consultations.create")


def test_a_permission_nobody_wrote_down_is_an_error(alice: User) -> None:
    """A misspelt permission never passes, nor quietly refuses."""
    with pytest.raises(KeyError):
        can(alice, "statements.moderat", None)


def test_one_question_costs_one_query(
    consultation: Consultation,
    alice: User,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    """Asking for several roles reads the membership once."""
    with django_assert_num_queries(1):
        assert can(alice, "consultations.view_log", consultation)


def test_questions_about_a_membership_cost_no_query(
    consultation: Consultation,
    alice: User,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    """A page that knows whose it is asks for many permissions at once."""
    membership = consultation.memberships.get(user=alice)
    with django_assert_num_queries(0):
        assert all(can(alice, name, membership) for name in ("curation.view", "analysis.run"))


def test_an_erased_account_leads_back_to_nobody(member: Membership, bob: User) -> None:
    """Erasure leaves the participant's key and takes everything that names her."""
    erase_user(bob)
    member.refresh_from_db()
    bob.refresh_from_db()
    assert member.user is None
    assert member.key
    assert "bob" not in f"{bob.email}{bob.display_name}".lower()
    assert not bob.is_active
    assert not Entry.objects.filter(actor=bob.audit_key).exclude(row_key=None).exists()
    assert Entry.objects.filter(actor=bob.audit_key, action="account.erased").exists()
