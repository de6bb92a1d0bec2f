"""Two analyses side by side: what went in, how it was judged, which clauses moved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civic.accounts.models import User
from civic.analysis.comparing import compare, document_of
from civic.analysis.models import Run
from civic.consultations.models import Consultation
from civic.reactions.models import Reaction
from civic.specs.services import draft_spec, start_run
from tests.civic.pages.conftest import analysed

SignIn = Callable[[User | None], Client]


@pytest.fixture
def alices(sign_in: SignIn, alice: User, consultation: Consultation) -> Client:
    """Alice's browser; she organizes."""
    return sign_in(alice)


@pytest.fixture
def two(run: Run, consultation: Consultation, alice: User) -> tuple[Run, Run]:
    """A run, and another after half of the people turned against the first sentence."""
    people = Reaction.objects.filter(claim__statement__text__contains="kind", is_latest=True)
    against = list(people.order_by("pk").values_list("pk", flat=True)[:30])
    people.filter(pk__in=against).update(value="disagree")
    return run, analysed(consultation, by=alice)


def test_a_comparison_tells_what_moved_and_nothing_else(two: tuple[Run, Run]) -> None:
    """The sentence that lost its support is removed; both supports stand beside each other."""
    before, after = (document_of(run) for run in two)
    found = compare(before, after)
    standing = [
        {
            c["claim"]: c
            for c in one["clauses"]
            if c["status"] in ("adopted", "provisional", "contested")
        }
        for one in (before, after)
    ]
    for move in found.moves:
        was, now = (one.get(move.clause["claim"]) for one in standing)
        assert (was is None, now is None) == {
            "added": (True, False),
            "removed": (False, True),
            "changed": (False, False),
        }[move.kind]
    kind = next(move for move in found.moves if "kind" in move.clause["text"])
    assert kind.before["support"]["overall"]["agree"] == 38
    assert kind.after["support"]["overall"]["disagree"] == 30
    assert found.unchanged + found.counts["changed"] == len(standing[0].keys() & standing[1].keys())
    assert not found.settings_differ
    assert not any(row.differs for row in found.inputs)


def test_a_result_has_nothing_apart_from_itself(run: Run) -> None:
    """No row and no clause differs."""
    document = document_of(run)
    found = compare(document, document)
    assert found.moves == []
    rows = [*found.inputs, *found.rules, *found.groups, *found.statuses]
    assert not any(row.differs for row in rows)


def test_the_page_of_two_shows_tables_and_filters(two: tuple[Run, Run], alices: Client) -> None:
    """Without a choice the two newest; the cause is said; what names no run is refused."""
    page = alices.get("/o/ai/runs/compare/").content.decode()
    assert "The settings are the same, so every difference comes from the input." in page
    assert "Clauses that moved" in page
    a, b = (run.uuid for run in two)
    assert alices.get(f"/o/ai/runs/compare/?a={a}&b={b}&kind=removed&page=9").status_code == 200
    same = alices.get(f"/o/ai/runs/compare/?a={a}&b={a}").content.decode()
    assert "Choose two different analyses." in same
    assert alices.get(f"/o/ai/runs/compare/?a=1&b={b}").status_code == 404


def test_the_list_to_choose_from_reads_no_document(
    two: tuple[Run, Run], alices: Client, alice: User
) -> None:
    """Fifty analyses with a version each would be fifty megabytes for one page."""
    draft_spec(two[1], by=alice)
    with CaptureQueriesContext(connection) as queries:
        page = alices.get("/o/ai/runs/compare/").content.decode()
    assert "version 1" in page
    assert not [one for one in queries if '"specs_specversion"."document"' in one["sql"]]


def test_an_unfinished_run_cannot_be_compared(run: Run, alices: Client, alice: User) -> None:
    """Only results can be put side by side."""
    later = start_run(run.consultation, by=alice)
    path = f"/o/ai/runs/compare/?a={run.uuid}&b={later.uuid}"
    assert alices.get(path).status_code == 404
    assert "There are not two finished" in alices.get("/o/ai/runs/compare/").content.decode()
