"""Which acts are open in which phase: one table, asked by every service."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    """How far a consultation has come. The organizer moves it by hand, in any direction."""

    DRAFT = "draft", _("Draft")
    COLLECT = "collect", _("Collecting statements")
    REACT = "react", _("Reacting to statements")
    REVIEW = "review", _("Reviewing the result")
    PUBLISHED = "published", _("Result published")
    CLOSED = "closed", _("Closed")


class Act(models.TextChoices):
    """What can be open or closed."""

    SUBMIT_STATEMENT = "submit_statement", _("Write a statement")
    WITHDRAW_STATEMENT = "withdraw_statement", _("Withdraw a statement")
    CAST_REACTION = "cast_reaction", _("React to a claim")
    JOIN = "join", _("Take part")
    INVITE = "invite", _("Invite people")
    IMPORT = "import", _("Import statements and votes")
    MODERATE = "moderate", _("Moderate statements")
    CURATE = "curate", _("Join and part claims and themes")
    RUN = "run", _("Start an analysis")
    DRAFT_SPEC = "draft_spec", _("Draft a spec")
    PUBLISH_SPEC = "publish_spec", _("Publish a spec")


_CITIZENS = {Act.WITHDRAW_STATEMENT, Act.CAST_REACTION, Act.JOIN}
CITIZENS_ACTS = frozenset(_CITIZENS | {Act.SUBMIT_STATEMENT})
_STAFF = {Act.INVITE, Act.IMPORT, Act.MODERATE, Act.CURATE, Act.RUN, Act.DRAFT_SPEC}

# What the days of opening and closing bound; a statement can be taken back at any time.
DATED_ACTS = frozenset({Act.SUBMIT_STATEMENT, Act.CAST_REACTION, Act.JOIN})

# Interim specs may be published while people still react: every version is kept and numbered.
OPEN_ACTS: dict[Phase, frozenset[Act]] = {
    Phase.DRAFT: frozenset(_STAFF),
    Phase.COLLECT: frozenset(_CITIZENS | _STAFF | {Act.SUBMIT_STATEMENT, Act.PUBLISH_SPEC}),
    Phase.REACT: frozenset(_CITIZENS | _STAFF | {Act.PUBLISH_SPEC}),
    Phase.REVIEW: frozenset(_STAFF | {Act.WITHDRAW_STATEMENT, Act.PUBLISH_SPEC}),
    Phase.PUBLISHED: frozenset(
        (_STAFF | {Act.WITHDRAW_STATEMENT, Act.PUBLISH_SPEC}) - {Act.IMPORT}
    ),
    Phase.CLOSED: frozenset({Act.WITHDRAW_STATEMENT}),
}
