"""Every clause: its counts, where they put it, how firmly, and what it cites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import numpy as np

from aggregation.certify.checks.outline import Clause, Outline, group_name
from aggregation.certify.recompute.standing import (
    DIVIDED,
    MUST,
    NONE,
    PROVISIONAL,
    SHOULD,
    VOICE,
    Distance,
    distance,
)
from aggregation.certify.stated import UNCHECKED, Check, Malformed, agreement, holds

_COMMON, _ANY = (MUST, SHOULD), (MUST, SHOULD, PROVISIONAL, DIVIDED, VOICE)
# Where the counts must put a claim for it to become this, for this reason.
ALLOWED: dict[tuple[str, str, str], tuple[int, ...]] = {
    ("adopted", "common_ground", "broad_support"): _COMMON,
    ("provisional", "common_ground", "needs_more_reactions"): (PROVISIONAL,),
    ("contested", "plural", "divides_groups"): (DIVIDED,),
    ("contested", "voice", "voice"): (VOICE,),
    ("contested", "plural", "opposite_views"): (VOICE,),
    **{
        ("not_adopted", "none", code): _COMMON
        for code in ("overlaps", "contradicts", "theme_full", "budget")
    },
    **{
        ("not_adopted", "none", code): (PROVISIONAL,)
        for code in ("likely_overlaps", "likely_contradicts")
    },
    **{
        ("not_adopted", "none", code): (VOICE,)
        for code in ("voice_overlaps", "voice_contradicts", "voice_budget")
    },
    **{
        ("not_adopted", "none", code): _ANY
        for code in ("represented_by", "not_a_norm", "unclear_norm")
    },
}
# Whoever gives one of these reasons names the clause that stands instead.
CONTRADICTS = ("contradicts", "likely_contradicts", "voice_contradicts")
NAMES_ANOTHER = (
    *("represented_by", "overlaps", "likely_overlaps", "voice_overlaps", "opposite_views"),
    *CONTRADICTS,
)
BROAD = (
    *("broad_support", "needs_more_reactions", "contradicts", "likely_contradicts"),
    *("overlaps", "likely_overlaps", "theme_full", "budget"),
)


def clauses(outline: Outline) -> Iterator[Check]:
    """All checks of every clause."""
    for clause in outline.clauses:
        yield from one_clause(outline, clause)


def one_clause(outline: Outline, clause: Clause) -> Iterator[Check]:
    """All checks of one clause."""
    yield from _standing(outline, clause)
    yield agreement(clause.node["support"], _support(outline, clause))
    yield agreement(clause.node["opposition"], _opposition(outline, clause))
    yield agreement(clause.node["represents"], _represents(outline, clause))
    yield _dissent(outline, clause)
    yield from _conflicts(outline, clause)
    yield from _margin(outline, clause)
    yield agreement(clause.node["stability"], float(outline.again.stability[clause.column]))
    yield from _evidence(clause)
    yield from _history(outline, clause)


def measures(clause: Clause) -> str:
    """Which answer a clause counts as support."""
    return "disagree" if clause.node["stance"].value == "rejects" else "agree"


# -- where the counts put it -------------------------------------------------------------------


def _standing(outline: Outline, clause: Clause) -> Iterator[Check]:
    standing = int(outline.again.standing[clause.column])
    direction = int(outline.again.sides.direction[clause.column])
    node, code = clause.node, clause.node["reason"]["code"].text()
    place = clause.status, clause.tier, code
    why = _reason_from_counts(outline, clause.column)
    if why is not None:
        yield agreement(node["reason"]["code"], why)
        yield agreement(node["status"], "not_adopted")
        yield agreement(node["tier"], "none")
    else:
        ok = standing in ALLOWED.get(place, ())
        yield holds(f"{node.path}.status", ok, stated=place, rule=f"standing {standing}")
    takes_a_side = clause.status in ("adopted", "provisional") or code in BROAD
    yield agreement(node["stance"], "rejects" if direction < 0 and takes_a_side else "affirms")
    other = node["reason"]["clause"]
    if code in NAMES_ANOTHER:
        named = outline.clause(other)
        ok = named.id != clause.id
        yield holds(other.path, ok, stated=other.value, rule="another clause")
        if code in CONTRADICTS:
            ok = named.status == "adopted" or named.tier == "voice"
            yield holds(other.path, ok, stated=other.value, rule="a clause that was chosen")
        if code == "opposite_views":
            leads = [_leading(outline, one) for one in (clause, named)]
            ok = named.tier == "plural" and leads[0] != leads[1]
            yield holds(other.path, ok, stated=other.value, rule="another group's wish")
    else:
        yield agreement(other, None)
    yield from _bindingness(clause, standing)


def _reason_from_counts(outline: Outline, column: int) -> str | None:
    """Why the counts alone keep a claim out, None where they do not."""
    again, policy = outline.again, outline.parameters.policy
    standing, sides = int(again.standing[column]), again.sides
    direction, seen = int(sides.direction[column]), int(sides.seen[-1, column])
    if standing not in (NONE, VOICE) or (standing == VOICE and direction > 0):
        return None
    if seen == 0:
        return "no_reactions"
    if seen < policy.min_reactions:
        return "few_reactions"
    if direction == 0:
        return "tie"
    if direction < 0:
        return "more_oppose"
    if again.vetoed[column]:
        return "group_opposes"
    shares = sides.share[:-1, column] if len(sides.share) > 1 else sides.share[:, column]
    return "not_broad" if (shares > policy.voice_share).any() else "no_majority"


def _bindingness(clause: Clause, standing: int) -> Iterator[Check]:
    """Modality and authority follow from the standing; a permission stays a permission."""
    node = clause.node
    authority = {
        "adopted": "system" if standing == MUST else "developer",
        "provisional": "guideline",
        "contested": "user",
    }.get(clause.status)
    yield agreement(node["authority"], authority)
    if clause.status in ("adopted", "provisional"):
        rejects = node["stance"].value == "rejects"
        forbids = (node["polarity"].value == "negative") != rejects
        strength = ("must" if standing == MUST else "should") + ("_not" if forbids else "")
        allowed = (strength,) if rejects else (strength, "may")
    elif clause.status == "contested":
        allowed = ("may",)
    else:
        return
    stated = node["modality"].value
    yield holds(f"{node.path}.modality", stated in allowed, stated=stated, rule=allowed)


# -- counts ------------------------------------------------------------------------------------


def _support(outline: Outline, clause: Clause) -> dict[str, object]:
    counts, j = outline.again.counts, clause.column
    hidden: dict[str, object] = {"n": None, "suppressed": True}
    shown = outline.shown(j)
    n, people = int(counts.seen[-1, j]), outline.again.votes.people
    return {
        "basis": "observed",
        "measures": measures(clause),
        "overall": _cell(outline, clause, -1) if outline.is_told(j) else hidden,
        "by_group": [
            {"group": group_name(g), **(_cell(outline, clause, g) if g in shown else hidden)}
            for g in range(outline.again.crowd.k)
        ],
        "observed_share": float(n / people) if outline.is_told(j) else None,
    }


def _cell(outline: Outline, clause: Clause, row: int) -> dict[str, object]:
    counts, j = outline.again.counts, clause.column
    agree, disagree, n = (int(t[row, j]) for t in (counts.agree, counts.disagree, counts.seen))
    answer = measures(clause)
    hits = agree if answer == "agree" else disagree
    low, high = (float(bound[row, j]) for bound in outline.again.bounds[answer])
    return {
        "n": n,
        "agree": agree,
        "disagree": disagree,
        "unsure": n - agree - disagree,
        "estimate": float(hits / n) if n else None,
        "lo": low,
        "hi": high,
    }


def _represents(outline: Outline, clause: Clause) -> list[str]:
    counts, j = outline.again.counts, clause.column
    table = counts.agree if measures(clause) == "agree" else counts.disagree
    return [group_name(g) for g in outline.shown(j) if 2 * table[g, j] > counts.seen[g, j]]


def _opposition(outline: Outline, clause: Clause) -> dict[str, object]:
    counts, j = outline.again.counts, clause.column
    supports = measures(clause) == "agree"
    against, n = counts.disagree if supports else counts.agree, int(counts.seen[-1, j])
    top = outline.strongest(j, agree=not supports)
    return {
        "share": float(against[-1, j] / n) if outline.is_told(j) else None,
        "group": top and top[0],
        "group_share": top and top[1],
    }


def _dissent(outline: Outline, clause: Clause) -> Check:
    """Counter-claims, the best supported first; which claims contradict is a matter of wording."""
    counts, stated = outline.again.counts, clause.node["dissent"]
    confirmed = [node.text() for node in clause.node["conflicts_with"].items()]
    expected, order = [], []
    for entry in stated.items(by="clause"):
        other = outline.clause(entry["clause"])
        n = int(counts.seen[-1, other.column])
        if not outline.is_told(other.column) or other.id == clause.id:
            raise Malformed(entry.path, "it has too few answers, or is the clause itself")
        share = float(counts.agree[-1, other.column] / n)
        top = outline.strongest(other.column, agree=True)
        order.append((-share, other.column))
        expected.append(
            {
                "clause": other.id,
                "text": other.node["text"].value,
                "share": share,
                "group": top and top[0],
                "basis": "confirmed" if other.id in confirmed else UNCHECKED,
                **_together(outline, clause, other, shown=other.id not in confirmed),
            }
        )
    if order != sorted(order) or len(order) > 3:
        raise Malformed(stated.path, "the best supported come first, and three at most")
    return agreement(stated, expected)


def _together(outline: Outline, clause: Clause, other: Clause, *, shown: bool) -> dict[str, object]:
    """How many took a side on both claims, and how many agreed to both."""
    both, agree = outline.again.served.together(clause.column, other.column)
    if not shown or both < outline.least:
        return {"both": None, "agree_both": None}
    return {"both": both, "agree_both": agree}


def _conflicts(outline: Outline, clause: Clause) -> Iterator[Check]:
    """What people found to contradict this clause says so too, and does not stand beside it."""
    stated = clause.node["conflicts_with"]
    others = [outline.clause(node) for node in stated.items()]
    columns = [other.column for other in others]
    ok = columns == sorted(set(columns)) and clause.column not in columns
    for other in others:
        ok &= clause.id in [node.text() for node in other.node["conflicts_with"].items()]
        stands = clause.status == other.status == "adopted"
        ok &= not (stands and clause.node["stance"].value == other.node["stance"].value)
    rule = "others, both ways, never adopted side by side"
    yield holds(stated.path, ok, stated=stated.value, rule=rule)


def _leading(outline: Outline, clause: Clause) -> int:
    """The group of which the greatest share agrees, the first of equals; -1 for one group."""
    counts, j = outline.again.counts, clause.column
    if len(counts.seen) < 3:
        return -1
    share = counts.agree[:-1, j] / np.maximum(counts.seen[:-1, j], 1)
    return int(np.argmax(share))


# -- margins -----------------------------------------------------------------------------------


def _margin(outline: Outline, clause: Clause) -> Iterator[Check]:
    """How many people stand between a clause that binds and the loss of its strength."""
    again, j = outline.again, clause.column
    standing, stated = int(again.standing[j]), clause.node["margin"]
    binds = clause.status in ("adopted", "provisional")
    if not binds or standing not in (MUST, SHOULD) or outline.hides_groups(j):
        yield agreement(stated, None)
        return
    found = again.kept(("margin", j), partial(_distance, outline, j))
    crowd = again.votes.people
    share = None if found.additions is None else found.additions / (crowd + found.additions)
    yield agreement(stated, {**asdict(found), "coordinated_share": share, "swap": UNCHECKED})


def _distance(outline: Outline, column: int) -> Distance:
    again, policy = outline.again, outline.parameters.policy
    strength = "must" if again.standing[column] == MUST else "should"
    ease = float(policy.ease((again.parameters.held[column],), strength)[0])
    pooled, group = policy.bars(strength)
    sides = again.sides
    cells = list(zip(sides.side[:, column].tolist(), sides.seen[:, column].tolist(), strict=True))
    lead = int(sides.side[-1, column] - sides.against[-1, column])
    names = [group_name(g) for g in range(again.crowd.k)]
    bars = pooled - ease, group - ease
    return distance([(int(a), int(n)) for a, n in cells], bars, policy.z, names, lead=lead)


# -- what it cites -----------------------------------------------------------------------------


def _evidence(clause: Clause) -> Iterator[Check]:
    """Every passage is as long as its offsets say."""
    stated, expected = clause.node["evidence"], []
    for passage in stated.items():
        start = passage["start"].integer()
        expected.append(
            {
                **{key: UNCHECKED for key in passage.fields()},
                "start": start,
                "end": start + len(passage["quote"].text()),
            }
        )
    yield agreement(stated, expected)


def _history(outline: Outline, clause: Clause) -> Iterator[Check]:
    """Versions come in order, none after this one."""
    version = outline.document["version"].integer(low=1)
    told = [
        entry["version"].integer(low=1, high=version) for entry in clause.node["history"].items()
    ]
    path = clause.node["history"].path
    yield holds(path, told == sorted(told), stated=told, rule="in order")
