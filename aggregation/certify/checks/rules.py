"""What other rules would choose, and how people fare under each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from aggregation.certify.checks.outline import Outline
from aggregation.certify.recompute import choices
from aggregation.certify.stated import UNCHECKED, Check, Malformed, Node, agreement, holds
from aggregation.types import FloatArray, IntArray

APPROVED = 0.5  # a utility above it is an approval
DIVIDED = 0.25, 0.65  # mean support of a claim that counts as contested
SEATS = 15  # on contested claims, or half of the candidates where they are few
MOST = 500  # contested claims that are looked at, those with most answers
DEFAULT = "default"  # the rule whose set is the spec's own


@dataclass(frozen=True, eq=False)
class Field:
    """Where rules compete: candidates' columns, who is asked, which sets are allowed.

    values (n, candidates) utilities and labels (n,) opinion groups of those who are asked
    default : positions of the spec's own choice; None where it is the set of the rule "default"
    """

    columns: tuple[int, ...]
    values: FloatArray
    labels: IntArray
    allows: Callable[[Sequence[int]], bool]
    default: tuple[int, ...] | None = None


def report(
    outline: Outline, stated: Node, field: Field
) -> tuple[list[Check], dict[str, tuple[int, int]]]:
    """Checks of each rule's set; and for each candidate how many rules choose it, out of all."""
    sets = {name: members for name, members, _ in _sets(outline, stated, field)}
    if next(iter(sets), None) != DEFAULT or len(sets) != len(stated["rules"].items()):
        raise Malformed(stated["rules"].path, "each rule once, the default first")
    default = sets[DEFAULT] if field.default is None else field.default
    checks = []
    for name, members, entry in _sets(outline, stated, field):
        chosen = entry["chosen"]
        allowed = field.allows(members) and (name != DEFAULT or members == default)
        rule = "within every limit, the default being the spec's own"
        checks.append(holds(chosen.path, allowed, stated=chosen.value, rule=rule))
        fare = partial(
            choices.merit,
            *(field.values, field.values > APPROVED, field.labels, members),
            default=default,
        )
        found = outline.again.kept(
            ("merit", len(field.values), field.columns, members, default), fare
        )
        expected = {"rule": UNCHECKED, "chosen": UNCHECKED, **asdict(found)}
        checks.append(agreement(entry, expected))
    names = [outline.by_column[column].id for column in field.columns]
    common = set.intersection(*(set(members) for members in sets.values()))
    checks.append(agreement(stated["survivors"], [names[i] for i in sorted(common)]))
    kept = {
        name: (sum(i in members for members in sets.values()), len(sets))
        for i, name in enumerate(names)
    }
    return checks, kept


def contested(outline: Outline) -> Iterator[Check]:
    """Every rule on the claims that divide people, for whoever approves any of them."""
    again, stated = outline.again, outline.document["certificates"]["contested"]
    seen, mean = again.counts.seen[-1], again.mean_agreement
    near = (mean >= DIVIDED[0]) & (mean <= DIVIDED[1])
    columns = np.flatnonzero(near & (seen >= outline.parameters.policy.min_reactions))
    if not columns.size:
        yield agreement(stated, None)
        return
    if len(columns) > MOST:
        columns = np.sort(columns[np.argsort(-seen[columns], kind="stable")[:MOST]])
    candidates = tuple(columns.tolist())
    approvals = again.agreement(candidates) > APPROVED
    asked = np.flatnonzero(approvals.any(axis=1))
    seats = min(SEATS, len(candidates) // 2)
    for key, value in (("candidates", len(candidates)), ("seats", seats), ("people", len(asked))):
        yield agreement(stated[key], value)
    values, labels = approvals[asked].astype(np.float64), again.crowd.labels[again.sample[asked]]
    field = Field(candidates, values, labels, lambda members: len(members) <= seats)
    checks, _ = report(outline, stated, field)
    yield from checks


def _sets(
    outline: Outline, stated: Node, field: Field
) -> Iterator[tuple[str, tuple[int, ...], Node]]:
    """Each rule's name, its set as positions among the candidates, and where it stands."""
    place = {column: i for i, column in enumerate(field.columns)}
    for entry in stated["rules"].items(by="rule"):
        members = tuple(_position(outline, node, place) for node in entry["chosen"].items())
        if list(members) != sorted(set(members)):
            raise Malformed(entry["chosen"].path, "each clause once, in the candidates' order")
        yield entry["rule"].text(), members, entry


def _position(outline: Outline, node: Node, place: dict[int, int]) -> int:
    column = outline.clause(node).column
    if column not in place:
        raise Malformed(node.path, "it was no candidate", found=node.value)
    return place[column]
