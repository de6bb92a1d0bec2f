"""Acts on themes: rename one, join two, move a claim. They bind from the next analysis on.

Themes are named by the ids that analyses keep from run to run; `themes` (id -> title) are those of
the newest finished one.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.consultations.models import Consultation
from civic.curation import rules
from civic.curation.models import Decision, Kind
from civic.curation.selectors import standing
from civic.curation.services import begin, decide, end
from civic.errors import Conflict, Invalid, NotFound
from civic.statements.models import Claim
from civic.texts import fit

MAX_TITLE = 120  # characters
Themes = Mapping[str, str]


@transaction.atomic
def rename_theme(
    consultation: Consultation, *, themes: Themes, theme: str, title: str, by: User, reason: str
) -> Decision:
    """Give a theme a title in the organizer's words; the newest title counts."""
    begin(consultation)
    reason = rules.reason_of(reason)
    _check(themes, theme)
    title = " ".join(fit(title).split())
    if len(title) > MAX_TITLE:
        raise Invalid(rules.too_long(_("Title"), len(title), limit=MAX_TITLE))
    return _say(
        consultation, Kind.RENAMED, key={"theme": theme}, target=title, by=by, reason=reason
    )


@transaction.atomic
def merge_theme(
    consultation: Consultation, *, themes: Themes, theme: str, into: str, by: User, reason: str
) -> Decision:
    """Make a theme part of another one."""
    begin(consultation)
    reason = rules.reason_of(reason)
    _check(themes, theme)
    _check_target(consultation, themes, into)
    if theme == into:
        raise Invalid(_("These are one and the same theme; choose two."))
    return _say(
        consultation, Kind.THEME_MERGED, key={"theme": theme}, target=into, by=by, reason=reason
    )


@transaction.atomic
def place_claim(
    consultation: Consultation, *, themes: Themes, claim: Claim, into: str, by: User, reason: str
) -> Decision:
    """Move a claim to another theme."""
    begin(consultation)
    reason = rules.reason_of(reason)
    if not rules.readable(consultation).filter(pk=claim.pk).exists():
        raise NotFound(_("The claim is no longer shown, or belongs elsewhere."))
    _check_target(consultation, themes, into)
    return _say(consultation, Kind.PLACED, key={"first": claim}, target=into, by=by, reason=reason)


def _check(themes: Themes, theme: str) -> None:
    if theme not in themes:
        raise NotFound(_("The newest analysis has no such theme."))


def _check_target(consultation: Consultation, themes: Themes, theme: str) -> None:
    """A theme that claims can go to: found by the newest analysis, and not joined with another."""
    _check(themes, theme)
    if rules.earlier(consultation, kind=Kind.THEME_MERGED, theme=theme) is not None:
        raise Conflict(_("That theme was joined with another one; choose that one instead."))


ACTIONS = {
    Kind.RENAMED: "theme.renamed",
    Kind.THEME_MERGED: "theme.joined",
    Kind.PLACED: "claim.placed",
}


def _say(
    consultation: Consultation,
    kind: Kind,
    *,
    key: dict[str, object],
    target: str,
    by: User,
    reason: str,
) -> Decision:
    """Decide, in place of what was decided about the same thing before."""
    before = standing(consultation).filter(kind=kind, **key).first()
    if before is not None and before.target == target:
        return before
    if before is not None:
        end(before, reason=reason)
    return decide(
        consultation, kind, by=by, action=ACTIONS[kind], reason=reason, target=target, **key
    )
