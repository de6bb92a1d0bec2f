"""Acts in any order: counts, pages, exports, receipts and log agree with a plain recount."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civic.accounts.models import User
from civic.consultations.models import Consultation
from tests.civic import faults_planted
from tests.civic.both_sides import CLAIMS, PEOPLE, VALUES, WRITTEN, Act, World
from verifier.reading import Fault

MANY = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANYBODY = st.sampled_from(PEOPLE)
ANY_CLAIM = st.sampled_from([*CLAIMS, "a2 alone"])
ANY_STATEMENT = st.sampled_from([*WRITTEN, "b1", "b1"])  # whose words stand for others, too


def _on(kinds: list[tuple[str, ...]], *about: str) -> st.SearchStrategy[list[Act]]:
    """Some acts in a row on one thing; each of `kinds` is an act and what follows the thing."""
    acts = [(kind, *about, *rest) for kind, *rest in kinds]
    return st.lists(st.sampled_from(acts), min_size=1, max_size=5)


ANSWERING = [("react", value) for value in VALUES] + [("take_back",)] * 4
RULING = [("rule", one) for one in ("rejected", "accepted", "waiting")] + [("undo_rule",)] * 3
AUTHORS = [("withdraw",), ("deny",), ("deny",), ("affirm",), ("take_out",)]
JOINING = [("join", one) for one in (*CLAIMS, "a2 alone")] + [("stand_alone",)]
# Acts on one thing come in a row, so that undoing meets what there is to undo.
SPELL = st.one_of(
    st.tuples(ANYBODY, ANY_CLAIM).flatmap(lambda pair: _on(ANSWERING, *pair)),
    st.tuples(ANYBODY, ANY_CLAIM).flatmap(lambda pair: _on(ANSWERING, *pair)),
    ANY_STATEMENT.flatmap(lambda one: _on(RULING, one)),
    ANY_STATEMENT.flatmap(lambda one: _on(AUTHORS, one)),
    ANY_CLAIM.flatmap(lambda one: _on(JOINING, one)),
    _on([("undo_join", place) for place in range(3)]),
    ANYBODY.map(lambda one: [("leave", one)]),
    st.just([("publish",)]),
)
SPELLS = st.lists(SPELL, max_size=7).map(lambda spells: [act for one in spells for act in one])
BACK_AND_FORTH: list[Act] = [
    ("react", "ann", "c1", "agree"),
    ("react", "ann", "c1", "disagree"),
    ("take_back", "ann", "c1"),
    ("take_back", "ann", "c1"),
    ("react", "ann", "c1", "unsure"),
]
HIDDEN_AND_SHOWN: list[Act] = [
    ("react", "cem", "b1", "agree"),
    ("rule", "b1", "rejected"),
    ("undo_rule", "b1"),
    ("rule", "a1", "rejected"),
    ("publish",),
    ("undo_rule", "a1"),
    ("publish",),
]
JOINED_AND_PARTED: list[Act] = [
    ("join", "b1", "c2"),
    ("join", "c2", "a1"),
    ("publish",),
    ("undo_join", 0),
    ("publish",),
    ("take_out", "a2"),
    ("join", "a2 alone", "b1"),
    ("join", "a1", "c2"),
    ("stand_alone", "c2"),
    ("join", "a1", "c2"),
]
GONE: list[Act] = [
    ("react", "bob", "a1", "disagree"),
    ("react", "bob", "c1", "depends"),
    ("publish",),
    ("leave", "bob"),
    ("deny", "c2"),
    ("publish",),
    ("leave", "ann"),
]


@pytest.fixture
def world(consultation: Consultation, alice: User, settings: LazySettings, tmp_path: Path) -> World:
    """Three people who wrote and were shown everything, a crowd that answered, a log."""
    settings.LOG_KEY, settings.LOG_KEY_FILE = "", str(tmp_path / "log-key")
    settings.MAKES_LOG_KEY, settings.LOG_ORIGIN = True, "example.org/log"
    settings.LIMITS = {act: [] for act in settings.LIMITS}
    Consultation.objects.filter(pk=consultation.pk).update(k=5)
    consultation.refresh_from_db()
    made = World(consultation, alice)
    assert made.statements["a2"].segments.get().claim == made.claims["b1"]
    return made


@contextmanager
def anew(world: World) -> Iterator[World]:
    """The world as it was, and after that again."""
    held = copy.deepcopy(world.book), dict(world.claims)
    with transaction.atomic():
        yield world
        transaction.set_rollback(True)
    world.book, world.claims, world.joins = *held, []
    for person in world.people.values():
        person.refresh_from_db()


def recount(world: World, acts: list[Act]) -> None:
    """Do the acts on both sides, and compare all there is after each."""
    for act in acts:
        world.do(act)
        world.check()
    world.check_all()


@pytest.mark.parametrize("acts", [BACK_AND_FORTH, HIDDEN_AND_SHOWN, JOINED_AND_PARTED, GONE])
def test_what_was_undone_left_nothing(world: World, acts: list[Act]) -> None:
    """Orders that went wrong elsewhere, or might: two undos in a row, hidden and shown again."""
    recount(world, acts)


@pytest.mark.slow
@MANY
@given(acts=SPELLS)
def test_whatever_is_done_in_whatever_order_all_numbers_agree(
    world: World, acts: list[Act]
) -> None:
    """Re-vote, withdraw, hide, join, leave, publish, and undo: one recount for all that is told."""
    with anew(world):
        recount(world, acts)


RE_VOTE: list[Act] = [("react", "ann", "c1", "agree"), ("react", "ann", "c1", "disagree")]
TAKEN_BACK = [*RE_VOTE, ("take_back", "ann", "c1")]
FOUND_BY: dict[str, list[Act]] = {
    "undo_marks_nothing": TAKEN_BACK,
    "undo_brings_nothing_back": TAKEN_BACK,
    "undo_leaves_no_line": TAKEN_BACK,
    "hiding_hands_nothing_on": [("rule", "b1", "rejected")],
    "withdrawing_hands_nothing_on": [("withdraw", "b1")],
    "leaving_hands_nothing_on": [("leave", "bob")],
    "handing_on_forgets_the_span": [("withdraw", "b1")],
    "undone_decisions_stand": [("join", "b1", "c2"), ("undo_join", 0)],
    "undone_rulings_stand": [("rule", "a1", "rejected"), ("undo_rule", "a1")],
    "leaving_takes_answers_along": [("react", "bob", "c1", "agree"), ("leave", "bob")],
    "leaving_keeps_the_words": [("leave", "bob")],
    "receipts_know_no_joinings": [("join", "b1", "c2")],
    "receipts_look_at_the_first_version": [
        *(("rule", "c2", "rejected"), ("publish",)),
        *(("undo_rule", "c2"), ("publish",)),
    ],
    "receipts_tell_every_answer": RE_VOTE,
}


@pytest.mark.parametrize("fault", FOUND_BY)
def test_a_planted_fault_is_found(
    world: World, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recount looks where it should: each of these passes without the fault."""
    getattr(faults_planted, fault)(monkeypatch)
    with pytest.raises((AssertionError, Fault)):
        recount(world, FOUND_BY[fault])


def test_without_a_fault_these_acts_agree(world: World) -> None:
    """So it is the fault that is found above."""
    for acts in FOUND_BY.values():
        with anew(world):
            recount(world, acts)
