"""Who may do what: named predicates, one table, deny by default.

A predicate gets the user and an object that is a consultation or belongs to one. What the current
phase allows is not asked here but by the services (`consultation.require_open`), because the
answer to a person differs: "not you" here, "not now" there.
"""

from __future__ import annotations

from typing import Any

import rules
from django.db import models

from civic.errors import ConsentRequired, Forbidden, NotFound, SignInRequired


def consultation_of(obj: models.Model) -> Any:
    """The consultation an object is or belongs to."""
    return getattr(obj, "consultation", obj)


def membership_of(user: Any, obj: models.Model) -> Any:
    """The user's membership in the object's consultation, or None.

    Asked about her own membership, it answers without a query: a page that asks for many
    permissions looks her up once.
    """
    if user is None or not user.is_authenticated:
        return None
    if getattr(obj, "user_id", None) == user.pk and hasattr(obj, "roles"):
        return obj
    return consultation_of(obj).memberships.filter(user=user).first()


def _role(name: str) -> rules.Predicate:
    """True for members whose membership carries this flag; one query per question asked."""

    def test(self: rules.Predicate, user: Any, obj: models.Model) -> bool:
        if "membership" not in self.context:
            self.context["membership"] = membership_of(user, obj)
        return bool(getattr(self.context["membership"], name, False))

    return rules.predicate(bind=True, name=name)(test)


is_participant = _role("is_participant")
takes_part = _role("takes_part")  # let in as a citizen, and agreed to it
is_moderator = _role("is_moderator")
is_organizer = _role("is_organizer")
is_auditor = _role("is_auditor")
is_analyst = _role("is_analyst")
is_owner = _role("is_owner")
is_team = is_moderator | is_organizer | is_auditor | is_analyst
is_member = is_participant | is_team
is_staff = is_moderator | is_organizer
# Whoever analyses or audits reads what was found; whoever moderates reads statements alone.
is_reader = is_organizer | is_analyst | is_auditor


@rules.predicate
def is_host(user: Any) -> bool:
    """May create consultations on this installation."""
    return bool(getattr(user, "is_host", False))


@rules.predicate
def consultation_is_public(_user: Any, obj: models.Model) -> bool:
    """Open to everybody, and no longer a draft."""
    return consultation_of(obj).is_public


@rules.predicate
def is_signed_in(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated)


@rules.predicate
def is_author(user: Any, obj: Any) -> bool:
    """Wrote this statement."""
    author = getattr(obj, "author", None)
    return bool(author is not None and is_signed_in(user) and author.user_id == user.pk)


@rules.predicate
def is_shown(_user: Any, obj: Any) -> bool:
    """Neither hidden by a moderator nor withdrawn nor waiting to be read first."""
    return bool(obj.is_shown)


@rules.predicate
def is_withdrawn(_user: Any, obj: Any) -> bool:
    """Taken back by its author: from then on it is hers alone."""
    return obj.withdrawn_at is not None


@rules.predicate
def is_published(_user: Any, obj: Any) -> bool:
    """A spec version that was published (a withdrawn one leaves a public tombstone)."""
    return bool(obj.is_public)


can_see = consultation_is_public | is_member

PERMISSIONS = {
    "accounts.erase": is_signed_in,
    "consultations.create": is_host,
    "consultations.view": can_see,
    "consultations.join": is_signed_in & (consultation_is_public | is_participant),
    "consultations.leave": is_participant,
    "consultations.manage": is_organizer,
    "consultations.desk": is_team,
    "consultations.view_setup": is_organizer | is_auditor,
    "consultations.view_team": is_organizer | is_auditor,
    "consultations.invite": is_organizer,
    "consultations.change_team": is_owner,
    "consultations.delete": is_owner,
    "consultations.import": is_organizer,
    "consultations.view_imports": is_organizer | is_auditor,
    "consultations.view_log": is_organizer | is_auditor,
    "statements.submit": takes_part,
    "statements.view": is_author | ((is_staff | is_auditor) & ~is_withdrawn) | (can_see & is_shown),
    "statements.withdraw": is_author,
    "statements.judge": is_author,
    "statements.moderate": is_staff,
    "statements.flag": takes_part & ~is_author,
    "reactions.cast": takes_part,
    "reactions.read_conditions": is_organizer | is_analyst,
    "curation.view": is_reader,
    "curation.decide": is_organizer,
    "curation.separate": is_author,
    "curation.answer": takes_part,
    "answers.judge": takes_part,
    "analysis.view": is_reader,
    "analysis.run": is_organizer | is_analyst,
    "specs.view": is_reader | (can_see & is_published),
    "specs.audit": is_organizer | is_auditor,
    "specs.draft": is_organizer,
    "specs.publish": is_organizer,
    "specs.reply": is_organizer,
}
OF_CITIZENS = frozenset(
    {"statements.submit", "statements.flag", "reactions.cast", "curation.answer", "answers.judge"}
)
for _name, _predicate in PERMISSIONS.items():
    rules.add_perm(_name, _predicate)


def can(user: Any, permission: str, obj: models.Model | None = None) -> bool:
    """Whether the user may; KeyError for a permission that is not in the table."""
    return PERMISSIONS[permission].test(user, obj)


def require(user: Any, permission: str, obj: models.Model | None = None) -> None:
    """Go on, or raise what the person may be told.

    Whoever cannot even see the consultation hears that there is nothing (404); whoever has not
    signed in is asked to (401); whoever was invited and has not agreed yet is told to; everybody
    else is refused (403).
    """
    if can(user, permission, obj):
        return
    if obj is not None and not can_see.test(user, consultation_of(obj)):
        raise NotFound
    if not is_signed_in(user):
        raise SignInRequired
    if permission.endswith(".view"):
        raise NotFound
    if (
        permission in OF_CITIZENS
        and is_participant.test(user, obj)
        and not takes_part.test(user, obj)
    ):
        raise ConsentRequired
    raise Forbidden
