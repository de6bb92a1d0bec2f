"""Deleting a consultation: what goes, what stays, what it has to be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.audit.models import Entry
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.consultations.setting_up import delete_consultation
from civic.errors import Conflict, Invalid
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.statements.models import Statement


def test_deleting_takes_everything_and_leaves_the_record(
    consultation: Consultation,
    member: Membership,
    alice: User,
    new_claim: Any,
    settings: LazySettings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Texts, reactions, analyses, drafts and files go; entries stay, and one says who did it."""
    claim = new_claim("AI should be kind.", author=member)
    Reaction.objects.create(claim=claim, participant=member, value="agree", served=True)
    run = Run.objects.create(consultation=consultation, status="done")
    SpecVersion.objects.create(
        consultation=consultation, run=run, number=1, document=b"{}", status="withdrawn"
    )
    folder = Path(settings.MEDIA_ROOT) / "runs" / str(run.uuid)
    folder.mkdir(parents=True)
    prints = files.path_of(f"specs/{consultation.specs.get().uuid}")
    prints.mkdir(parents=True)
    entries, uuid = Entry.objects.count(), consultation.uuid
    with django_capture_on_commit_callbacks(execute=True):
        delete_consultation(consultation, by=alice, typed=f" {consultation.title} ")
    assert not Consultation.objects.exists()
    assert not any(rows.objects.exists() for rows in (Membership, Statement, Reaction, Run))
    assert not folder.exists()
    assert not prints.exists()
    assert Entry.objects.count() == entries + 1
    last = Entry.objects.last()
    assert (last.action, last.consultation) == ("consultation.deleted", uuid)


def test_a_slip_or_a_published_spec_deletes_nothing(
    consultation: Consultation, alice: User
) -> None:
    """The title has to be typed, published versions taken back, work under way ended."""
    with pytest.raises(Invalid, match="title"):
        delete_consultation(consultation, by=alice, typed="How should AI")
    run = Run.objects.create(consultation=consultation, status="running")
    with pytest.raises(Conflict, match="under way"):
        delete_consultation(consultation, by=alice, typed=consultation.title)
    Run.objects.update(status="done")
    SpecVersion.objects.create(
        consultation=consultation, run=run, number=1, document=b"{}", status="published"
    )
    with pytest.raises(Conflict, match="Withdraw"):
        delete_consultation(consultation, by=alice, typed=consultation.title)
    assert Consultation.objects.exists()
