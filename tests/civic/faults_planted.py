"""Faults for the recount to find: each is one line that somebody might forget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from civic.consultations.models import Consultation, Membership
from civic.curation import services as curating
from civic.pages import receipt_file
from civic.reactions import services as reacting
from civic.reactions.models import Reaction
from civic.specs import erasing, selectors
from civic.statements import erasing as words
from civic.statements import heirs, ruling
from civic.statements import services as writing

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]
_undo, _end, _forget = reacting.undo_reaction, curating.end, words.forget_words


def undo_marks_nothing(patch: Patch) -> None:
    """An answer that was taken back counts no more, but is not marked as taken back."""

    def undo(*args: Any, **kwargs: Any) -> Any:
        before = set(Reaction.objects.filter(undone_at=None).values_list("pk", flat=True))
        found = _undo(*args, **kwargs)
        Reaction.objects.filter(pk__in=before).update(undone_at=None)
        return found

    patch.setattr(reacting, "undo_reaction", undo)


def undo_brings_nothing_back(patch: Patch) -> None:
    """The answer before the one that was taken back does not count again."""

    def undo(*args: Any, **kwargs: Any) -> Any:
        found = _undo(*args, **kwargs)
        if found is not None:
            Reaction.objects.filter(pk=found.pk).update(is_latest=False)
        return found

    patch.setattr(reacting, "undo_reaction", undo)


def undo_leaves_no_line(patch: Patch) -> None:
    """Taking an answer back is not recorded."""
    told = reacting.record
    patch.setattr(
        reacting, "record", lambda act, **more: act == "reaction.undone" or told(act, **more)
    )


def hiding_hands_nothing_on(patch: Patch) -> None:
    """A claim whose words were hidden is not carried on by who said the same."""
    patch.setattr(ruling, "settle_claims", lambda _statement: None)


def withdrawing_hands_nothing_on(patch: Patch) -> None:
    """The same, where an author withdrew her words."""
    patch.setattr(writing, "settle_claims", lambda _statement: None)


def leaving_hands_nothing_on(patch: Patch) -> None:
    """The same, where she had her part deleted."""
    patch.setattr(words, "settle", lambda _claims: None)


def handing_on_forgets_the_span(patch: Patch) -> None:
    """An heir's words stand for the claim, but others' are hidden with them."""
    handed = heirs._hand_on

    def hand_on(claim: Any, heir: Any) -> None:
        handed(claim, heir)
        type(claim).objects.filter(pk=claim.pk).update(is_hidden=True)

    patch.setattr(heirs, "_hand_on", hand_on)


def undone_decisions_stand(patch: Patch) -> None:
    """A joining that was undone is still in force."""
    patch.setattr(curating, "end", lambda _decision, **_more: None)


def undone_rulings_stand(patch: Patch) -> None:
    """A hiding that was undone is still in force."""
    patch.setattr(ruling, "_put", lambda *_args, **_more: None)


def leaving_takes_answers_along(patch: Patch) -> None:
    """Answers of who left are gone from the counts."""

    def forget(membership: Membership) -> Any:
        Reaction.objects.filter(participant=membership).delete()
        return _forget(membership)

    patch.setattr(erasing, "forget_words", forget)


def leaving_keeps_the_words(patch: Patch) -> None:
    """Words of who left are still there."""
    patch.setattr(erasing, "forget_words", lambda _membership: words.Words())


def receipts_know_no_joinings(patch: Patch) -> None:
    """A sentence that another one stands for is told to be shown by itself."""
    patch.setattr(selectors, "folded", lambda _consultation: {})


def receipts_look_at_the_first_version(patch: Patch) -> None:
    """Sentences lead to clauses of a version that is not the newest."""

    def first(consultation: Consultation) -> Any:
        return consultation.specs.filter(status="published").order_by("number").first()

    patch.setattr(selectors, "latest_public", first)


def receipts_tell_every_answer(patch: Patch) -> None:
    """Answers that were changed or taken back stand in the receipt as well."""
    rows = Reaction.objects.select_related("claim__statement")
    patch.setattr(receipt_file, "reactions_of", lambda me: rows.filter(participant=me))
