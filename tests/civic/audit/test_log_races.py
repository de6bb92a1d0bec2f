"""Many sealers and many writers at once: one order, nothing twice, nothing left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crowd import at_once
from naive_tree import Naive

from civic.audit import pipeline, selectors
from civic.audit.models import Checkpoint, Entry, Key, Log
from civic.audit.pipeline import seal

AddEntries = Callable[[int], None]
pytestmark = pytest.mark.django_db(transaction=True)


def require_whole() -> None:
    """Every entry has one place, without gaps, and every checkpoint is that of its lines."""
    found = list(selectors.leaves(0, 10**9))
    assert [leaf.index for leaf in found] == list(range(Entry.objects.count()))
    naive = Naive([leaf.content for leaf in found])
    assert Log.objects.get().size == len(found)
    for checkpoint in Checkpoint.objects.all():
        assert checkpoint.root == naive.head(0, checkpoint.size).hex()


def test_six_sealers_at_once_seal_each_entry_once(
    add_entries: AddEntries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when none of them has ever sealed: one log, one key, one order."""
    monkeypatch.setattr(pipeline, "BATCH", 300)
    add_entries(2000)
    sealed = at_once(lambda _: seal(), times=6)
    seal()  # Whoever was overtaken went home; the rest waits for the next turn.
    assert Log.objects.count() == Key.objects.count() == 1
    assert sum(count for count in sealed if isinstance(count, int)) <= 2001
    require_whole()


def test_writers_go_on_while_it_seals(
    add_entries: AddEntries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry whose transaction ends late is sealed later, whatever its row number."""
    monkeypatch.setattr(pipeline, "BATCH", 100)

    def act(number: int) -> None:
        for _ in range(5):
            if number % 4 == 0:
                seal()
            else:
                add_entries(20)

    at_once(act, times=8)
    seal()
    assert not Entry.objects.filter(leaf=None).exists()
    assert Entry.objects.count() == 6 * 5 * 20 + 1
    require_whole()
