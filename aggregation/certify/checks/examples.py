"""Examples: whether each answer's figures follow from its counts, and put it where it stands.

Who judged what is not among the votes; the counts themselves are held by a repeated run.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregation.certify.checks.outline import Outline
from aggregation.certify.recompute.standing import wilson
from aggregation.certify.stated import Check, Node, agreement, holds


def examples(outline: Outline) -> Iterator[Check]:
    """All checks of every clause's examples, and that no test's anchor stands twice."""
    anchors: list[str] = []
    for clause in outline.clauses:
        anchors += [test["id"].text() for test in clause.node["tests"].items(by="id")]
        for example in clause.node["examples"].items():
            for place in ("good", "bad", "undecided"):
                for answer in example[place].items(by="id"):
                    yield from _answer(outline, answer["judged"], place)
    twice = sorted({name for name in anchors if anchors.count(name) > 1})
    yield holds("clauses.tests", not twice, stated=twice, rule="no anchor stands twice")


def _answer(outline: Outline, judged: Node, place: str) -> Iterator[Check]:
    if judged["n"].is_null:
        yield agreement(judged, {"n": None, "suppressed": True})
        yield holds(judged.path, place == "undecided", stated=place, rule="undecided")
        return
    agree, disagree = (judged[name].integer() for name in ("agree", "disagree"))
    sides, n = agree + disagree, judged["n"].integer(low=outline.least)
    low, high = (2 * float(bound) - 1 for bound in wilson(agree, sides))
    expected = {
        "n": n,
        "agree": agree,
        "disagree": disagree,
        "unsure": max(n - sides, 0),
        "margin": (agree - disagree) / sides if sides else None,
        "lo": low,
        "hi": high,
    }
    yield agreement(judged, expected)
    verdict = "good" if low > 0 else "bad" if high < 0 else "undecided"
    yield holds(judged.path, place == verdict, stated=place, rule=verdict)
