"""Both budgets: who could be chosen, who was, and every proof of how good that is."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from aggregation.certify.checks.outline import Clause, Outline
from aggregation.certify.checks.rules import Field, report
from aggregation.certify.committees import ejr_plus, swap_margins
from aggregation.certify.harmonics import harmonic
from aggregation.certify.optimum import gap, harmonic_bound
from aggregation.certify.recompute.everything import equal_weights
from aggregation.certify.recompute.rounding import Rounding
from aggregation.certify.recompute.standing import MUST, SHOULD, VOICE
from aggregation.certify.removal import stability_bound
from aggregation.certify.stated import Check, Malformed, Node, agreement, holds
from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray

# Budget: the status of what it chose, and where the counts must put its candidates.
BUDGETS = {"common_ground": ("adopted", (MUST, SHOULD)), "voice": ("contested", (VOICE,))}
APPROVED = 0.5  # a utility above it is an approval
LOOSE = 1e-6
FIRST = 1  # the version that starts from nothing


@dataclass(frozen=True)
class Budget:
    """One budget as a document states it; sets are positions among its candidates."""

    node: Node
    name: str
    candidates: tuple[Clause, ...]
    chosen: tuple[int, ...]
    x: tuple[float, ...]
    limit: int
    theme_cap: int
    themes: tuple[str | None, ...]
    conflicts: tuple[tuple[int, int], ...]
    tensions: tuple[tuple[int, int], ...]
    penalty: float

    @property
    def columns(self) -> tuple[int, ...]:
        """The candidates' columns."""
        return tuple(clause.column for clause in self.candidates)

    @property
    def key(self) -> tuple[Hashable, ...]:
        """All that decides which sets are allowed."""
        limits = self.columns, self.limit, self.theme_cap, self.themes, self.conflicts
        return *limits, self.tensions, self.penalty

    @classmethod
    def read(cls, outline: Outline, node: Node) -> Budget:
        """Raises Malformed where the entry does not hang together."""
        name, policy = node["budget"].text(), outline.parameters.policy
        if name not in BUDGETS:
            raise Malformed(node["budget"].path, "no such budget", found=name)
        entries = node["inclusion"].items(by="clause")
        candidates = tuple(outline.clause(entry["clause"]) for entry in entries)
        place = {clause.id: i for i, clause in enumerate(candidates)}
        limit = policy.common_budget if name == "common_ground" else policy.voice_budget
        themes = tuple(_name(clause.node["section"]) for clause in candidates)
        spread = max(1, len(set(themes)))
        chosen = [c for c in outline.clauses if c.tier == name and c.status == BUDGETS[name][0]]
        for clause in chosen:
            if clause.id not in place:
                raise Malformed(node["inclusion"].path, "it lacks a chosen clause", found=clause.id)
        return cls(
            node,
            name,
            candidates,
            tuple(sorted(place[clause.id] for clause in chosen)),
            tuple(entry["x"].number(low=-LOOSE, high=1 + LOOSE) for entry in entries),
            limit,
            max(2, math.ceil(max(policy.theme_share, policy.theme_leeway / spread) * limit)),
            themes,
            tuple(_pair(pair, place) for pair in node["conflicts"].items()),
            tuple(_pair(pair, place) for pair in node["tensions"].items()),
            policy.contradiction_penalty,
        )

    @property
    def strained(self) -> FloatArray:
        """(tensions, candidates) a one for each of two that may contradict each other."""
        rows = np.zeros((len(self.tensions), len(self.candidates)))
        for row, pair in zip(rows, self.tensions, strict=True):
            row[list(pair)] = 1.0
        return rows

    @property
    def lost(self) -> float:
        """What the chosen set loses by such pairs."""
        return self.penalty * sum({a, b} <= set(self.chosen) for a, b in self.tensions)

    def priced(self) -> dict[str, int]:
        """The place of each price: of the limits, then of the tensions."""
        names = self.rows()[2]
        ends = [(self.candidates[a].id, self.candidates[b].id) for a, b in self.tensions]
        return names | {f"tension:{a}:{b}": len(names) + i for i, (a, b) in enumerate(ends)}

    def rows(self) -> tuple[FloatArray, FloatArray, dict[str, int]]:
        """What limits the shares, as rows @ x <= limits, and the row of each constraint's name."""
        m = len(self.candidates)
        rows, limits, names = [np.ones(m)], [float(self.limit)], {"budget": 0}
        for theme in sorted({theme for theme in self.themes if theme is not None}):
            names[f"theme:{theme}"] = len(rows)
            rows.append(np.array([float(one == theme) for one in self.themes]))
            limits.append(float(self.theme_cap))
        for a, b in self.conflicts:
            names[f"conflict:{self.candidates[a].id}:{self.candidates[b].id}"] = len(rows)
            row = np.zeros(m)
            row[[a, b]] = 1.0
            rows.append(row)
            limits.append(1.0)
        return np.array(rows), np.array(limits), names

    def allows(self, members: Sequence[int]) -> bool:
        """Whether a whole set keeps within the limits."""
        rows, limits, _ = self.rows()
        x = np.zeros(len(self.candidates))
        x[list(members)] = 1.0
        return bool(np.all(rows @ x <= limits + LOOSE))


def selections(outline: Outline) -> Iterator[Check]:
    """Both budgets, each once, and what their choices mean for each clause."""
    nodes = outline.document["certificates"]["selections"].items(by="budget")
    named = [node["budget"].value for node in nodes]
    path = "certificates.selections"
    yield holds(path, named == list(BUDGETS), stated=named, rule=list(BUDGETS))
    kept: dict[str, tuple[int, int]] = {}
    margins: dict[str, int] = {}
    for node in nodes:
        budget = Budget.read(outline, node)
        yield from _choice(outline, budget)
        yield from _proofs(outline, budget)
        values = outline.again.utilities(budget.columns)
        labels = outline.again.crowd.labels
        field = Field(budget.columns, values, labels, budget.allows, budget.chosen)
        checks, found = report(outline, node["sensitivity"], field)
        yield from checks
        kept.update(found)
        yield from _rounded(outline, budget)
        if budget.name == "common_ground":
            margins = _swap_margins(outline, budget)
    for clause in outline.clauses:
        told = kept.get(clause.id)
        expected = None if told is None else {"kept": told[0], "of": told[1]}
        yield agreement(clause.node["rules"], expected)
        if not clause.node["margin"].is_null:
            yield agreement(clause.node["margin"]["swap"], margins.get(clause.id))


def _choice(outline: Outline, budget: Budget) -> Iterator[Check]:
    """Who may be a candidate, how many there are, and that the chosen keep within the limits."""
    node, standing = budget.node, outline.again.standing
    m, k = len(budget.candidates), len(budget.chosen)
    for key, value in (("candidates", m), ("chosen", k), ("theme_cap", budget.theme_cap)):
        yield agreement(node[key], value)
    yield agreement(node["penalty"], budget.penalty)
    yield agreement(node["lost"], budget.lost)
    apart = set(budget.tensions)
    ok = len(apart) == len(budget.tensions) and not apart & set(budget.conflicts)
    path = node["tensions"].path
    yield holds(path, ok, stated=node["tensions"].value, rule="each once, and no conflict")
    yield agreement(node["limit"], budget.limit)
    strange = [c.id for c in budget.candidates if standing[c.column] not in BUDGETS[budget.name][1]]
    path = node["inclusion"].path
    yield holds(path, not strange, stated=strange, rule="only claims of this standing")
    seen = outline.again.counts.seen[-1]
    order = [(-int(seen[column]), column) for column in budget.columns]
    once = order == sorted(set(order))
    names = [clause.id for clause in budget.candidates]
    yield holds(path, once, stated=names, rule="each once, the most answered first")
    within = budget.allows(budget.chosen)
    chosen = [names[i] for i in budget.chosen]
    yield holds(f"{node.path}.chosen", within, stated=chosen, rule="within every limit")


def _proofs(outline: Outline, budget: Budget) -> Iterator[Check]:
    """The value of the chosen set, what no allowed set exceeds, and what large groups are owed."""
    node, again = budget.node, outline.again
    tolerance = node["tolerance"].number(low=0.0, high=1e-3)
    removed = node["stability"]["removed"].number(low=0.0, high=1.0)
    values = again.utilities(budget.columns)
    satisfied = values[:, list(budget.chosen)].sum(axis=1)
    worth = (float(harmonic(satisfied).mean()) if len(values) else 0.0) - budget.lost
    prices = {name: _prices(budget, name) for name in ("nash", "harmonic")}
    key = "proof", budget.key, budget.x, prices["nash"], prices["harmonic"]
    try:
        nash, harmonic_limit = again.kept(key, partial(_bounds, outline, budget, prices))
    except AggregationInputError as fault:
        raise Malformed(f"{node.path}.inclusion", str(fault)) from fault
    bound = max(harmonic_limit, worth)
    yield agreement(node["value"], worth)
    yield agreement(node["upper_bound"], bound)
    yield agreement(node["integrality_gap"], bound - worth)
    yield agreement(node["gap"], nash)
    path = node["tolerance"].path
    yield holds(path, nash <= tolerance, stated=tolerance, rule=f"at least the gap, {nash}")
    held, ratios = ejr_plus(values > APPROVED, budget.chosen, seats=len(budget.chosen))
    worst = budget.candidates[int(np.argmax(ratios))].id if ratios.any() else None
    expected = {"holds": held, "worst": float(ratios.max(initial=0.0)), "clause": worst}
    yield agreement(node["ejr_plus"], expected)
    yield agreement(node["stability"]["bound"], stability_bound(nash, removed))


def _bounds(
    outline: Outline, budget: Budget, prices: dict[str, tuple[float, ...]]
) -> tuple[float, float]:
    """The Nash programme's gap at the published shares, and the harmonic score's upper bound."""
    rows, limits, _ = budget.rows()
    values, x = outline.again.utilities(budget.columns), np.array(budget.x)
    equal = equal_weights(len(values))
    nash, harmonic_prices = (np.array(prices[name]) for name in ("nash", "harmonic"))
    soft = {"tensions": budget.strained, "penalty": budget.penalty}
    allowed: dict[str, Any] = {"rows": rows, "limits": limits, **soft}
    return (
        gap(values, equal, x, **allowed, prices=nash),
        harmonic_bound(values, equal, x, **allowed, prices=harmonic_prices),
    )


def _prices(budget: Budget, which: str) -> tuple[float, ...]:
    names = budget.priced()
    prices = np.zeros(len(names))
    for entry in budget.node["prices"].items(by="constraint"):
        name = entry["constraint"].text()
        if name not in names:
            raise Malformed(entry["constraint"].path, "there is no such limit", found=name)
        prices[names[name]] = entry[which].number(low=0.0)
    return tuple(prices.tolist())


def _rounded(outline: Outline, budget: Budget) -> Iterator[Check]:
    """The chosen set follows from the shares; a later version starts from the one before it.

    There the set can only be asked to be one that no exchange improves.
    """
    again, node = outline.again, budget.node
    if outline.document["version"].value == FIRST:
        key = "rounded", budget.key, budget.x
        members, swaps = again.kept(key, partial(_round, outline, budget))
        chosen = [budget.candidates[i].id for i in budget.chosen]
        expected = [budget.candidates[i].id for i in members]
        yield holds(f"{node.path}.chosen", chosen == expected, stated=chosen, rule=expected)
        yield agreement(node["swaps"], swaps)
        return
    node["swaps"].integer()
    improvable = [name for name, people in _swap_margins(outline, budget).items() if people == 0]
    path = f"{node.path}.chosen"
    yield holds(path, not improvable, stated=improvable, rule="no exchange is better")


def _round(outline: Outline, budget: Budget) -> tuple[tuple[int, ...], int]:
    values = outline.again.utilities(budget.columns)
    if not values.size:
        return (), 0
    rows, limits, _ = budget.rows()
    again = Rounding(values, rows, limits, tensions=budget.strained, penalty=budget.penalty)
    return again.run(np.array(budget.x))


def _swap_margins(outline: Outline, budget: Budget) -> dict[str, int]:
    """For each chosen clause the least number of people without whom an exchange is better."""
    key = "swaps", budget.chosen, budget.key

    def compute() -> list[int]:
        values = outline.again.utilities(budget.columns)
        allowed, costs = _exchanges(budget), _costs(budget)
        found: list[int] = swap_margins(
            values, budget.chosen, allowed=allowed, costs=costs
        ).tolist()
        return found

    found = outline.again.kept(key, compute)
    return {budget.candidates[i].id: n for i, n in zip(budget.chosen, found, strict=True)}


def _exchanges(budget: Budget) -> BoolArray:
    """(chosen, candidates) whether the limits let a candidate take a chosen one's place."""
    rows, limits, _ = budget.rows()
    x = np.zeros(len(budget.candidates))
    x[list(budget.chosen)] = 1.0
    used = rows @ x
    after = used[:, None, None] - rows[:, list(budget.chosen)][:, :, None] + rows[:, None, :]
    result: BoolArray = np.all(after <= limits[:, None, None] + LOOSE, axis=0)
    return result


def _costs(budget: Budget) -> FloatArray:
    """(chosen, candidates) what an exchange loses by the pairs that it brings together."""
    chosen = np.isin(np.arange(len(budget.candidates)), budget.chosen)
    ends = budget.strained
    between = ends.T @ ends
    np.fill_diagonal(between, 0.0)
    partners = between @ chosen
    members = list(budget.chosen)
    return budget.penalty * (partners[None, :] - partners[members, None] - between[members])


def _name(node: Node) -> str | None:
    return None if node.is_null else node.text()


def _pair(node: Node, place: dict[str, int]) -> tuple[int, int]:
    ends = [end.text() for end in node.items()]
    if len(ends) != 2 or any(end not in place for end in ends):
        raise Malformed(node.path, "a conflict is between two candidates", found=node.value)
    a, b = place[ends[0]], place[ends[1]]
    if a >= b:
        raise Malformed(node.path, "a conflict names the earlier one first", found=node.value)
    return a, b
