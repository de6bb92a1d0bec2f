"""Every proof that a document carries: of estimates, of both budgets' choices, and of weights."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from aggregation.certify.checks.outline import Clause, Outline, group_name
from aggregation.certify.committees import ejr_plus, swap_margins
from aggregation.certify.harmonics import harmonic
from aggregation.certify.optimum import gap, harmonic_bound
from aggregation.certify.recompute import choices, estimates
from aggregation.certify.recompute.everything import equal_weights
from aggregation.certify.recompute.standing import MUST, SHOULD, VOICE
from aggregation.certify.removal import stability_bound
from aggregation.certify.stated import UNCHECKED, Check, Malformed, Node, agreement, holds
from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray

BUDGETS = {"common_ground": ("adopted", (MUST, SHOULD)), "voice": ("contested", (VOICE,))}
APPROVED = 0.5  # a utility above it is an approval
DIVIDED = 0.25, 0.65  # mean support of a claim that counts as contested
LOOSE = 1e-6


# -- estimates -----------------------------------------------------------------------------------


def completion(outline: Outline) -> Iterator[Check]:
    """The rank that was chosen, and how well hidden answers were predicted."""
    again, p = outline.again, outline.parameters
    stated = outline.document["certificates"]["completion"]
    cells = again.cells
    rank, tried = again.kept("ranks", lambda: estimates.ranks_tried(cells, seed=p.completion_seed))
    yield agreement(outline.document["method"]["completion"]["rank"], rank)
    found = again.kept(
        "heldout",
        lambda: estimates.report(cells, again.crowd.labels, rank=p.rank, seed=p.completion_seed),
    )
    if found is None:
        yield agreement(stated, None)
        return
    expected = {
        "rank": p.rank,
        "tried": [{"rank": one, "log_loss": loss} for one, loss in tried],
        **asdict(found.model),
        "mean_log_loss": found.mean.log_loss,
        "mean_auc": found.mean.auc,
        "groups": [{"group": group_name(g), **asdict(quality)} for g, quality in found.groups],
    }
    yield agreement(stated, expected)


# -- the two budgets -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """One budget as a document states it: columns of its candidates, shares, prices, choices."""

    node: Node
    name: str
    candidates: tuple[Clause, ...]
    chosen: tuple[int, ...]  # positions among the candidates
    x: tuple[float, ...]
    limit: int
    theme_cap: int
    themes: tuple[str | None, ...]
    conflicts: tuple[tuple[int, int], ...]

    @property
    def columns(self) -> list[int]:
        """The candidates' columns."""
        return [clause.column for clause in self.candidates]

    @property
    def key(self) -> tuple[Hashable, ...]:
        """All that decides which sets are allowed."""
        return (*self.columns, self.limit, self.theme_cap, self.themes, self.conflicts)

    @classmethod
    def read(cls, outline: Outline, node: Node) -> Budget:
        """Raises Malformed where the entry does not hang together."""
        name, policy = node["budget"].text(), outline.parameters.policy
        if name not in BUDGETS:
            raise Malformed(node["budget"].path, "no such budget", found=name)
        entries = node["inclusion"].items(by="clause")
        candidates = tuple(outline.clause(entry["clause"]) for entry in entries)
        columns = [clause.column for clause in candidates]
        if columns != sorted(set(columns)):
            raise Malformed(node["inclusion"].path, "each candidate once, in canonical order")
        place = {clause.id: i for i, clause in enumerate(candidates)}
        limit = policy.common_budget if name == "common_ground" else policy.voice_budget
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
            max(2, math.ceil(policy.theme_share * limit)),
            tuple(_name(clause.node["section"]) for clause in candidates),
            tuple(_pair(pair, place) for pair in node["conflicts"].items()),
        )

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
    """Both budgets, each once."""
    nodes = outline.document["certificates"]["selections"].items(by="budget")
    named = [node["budget"].value for node in nodes]
    path = "certificates.selections"
    yield holds(path, named == list(BUDGETS), stated=named, rule=list(BUDGETS))
    kept: dict[str, tuple[int, int]] = {}
    for node in nodes:
        budget = Budget.read(outline, node)
        yield from _choice(outline, budget)
        yield from _proofs(outline, budget)
        report = _report(
            outline,
            node["sensitivity"],
            _approach(outline, budget),
            tuple(budget.columns),
            budget=budget,
        )
        yield from report.checks
        kept.update(report.kept)
    for clause in outline.clauses:
        told = kept.get(clause.id)
        expected = None if told is None else {"kept": told[0], "of": told[1]}
        yield agreement(clause.node["rules"], expected)


def _choice(outline: Outline, budget: Budget) -> Iterator[Check]:
    """Who may be a candidate, how many there are, and that the chosen keep within the limits."""
    node, standing = budget.node, outline.again.standing
    m, k = len(budget.candidates), len(budget.chosen)
    for key, value in (("candidates", m), ("chosen", k), ("theme_cap", budget.theme_cap)):
        yield agreement(node[key], value)
    yield agreement(node["limit"], budget.limit)
    strange = [c.id for c in budget.candidates if standing[c.column] not in BUDGETS[budget.name][1]]
    path = node["inclusion"].path
    yield holds(path, not strange, stated=strange, rule="only claims of this standing")
    chosen = [budget.candidates[i].id for i in budget.chosen]
    within = budget.allows(budget.chosen)
    yield holds(f"{node.path}.chosen", within, stated=chosen, rule="within every limit")


def _proofs(outline: Outline, budget: Budget) -> Iterator[Check]:
    """The value of the chosen set, what no allowed set exceeds, and what large groups are owed."""
    node, again = budget.node, outline.again
    tolerance = node["tolerance"].number(low=0.0, high=1e-3)
    removed = node["stability"]["removed"].number(low=0.0, high=1.0)
    if not budget.candidates or again.served.n == 0:
        for key in ("value", "upper_bound", "integrality_gap", "gap"):
            yield agreement(node[key], None if node[key].is_null else 0.0)
        return
    values = again.utilities[:, budget.columns]
    worth = _worth(values, budget)
    owed = ejr_plus(values > APPROVED, budget.chosen, seats=len(budget.chosen))
    prices = {name: _prices(budget, name) for name in ("nash", "harmonic")}
    try:
        proof = again.kept(
            ("proof", *budget.key, budget.x, prices["nash"], prices["harmonic"]),
            lambda: _bounds(outline, budget, prices),
        )
    except AggregationInputError as fault:
        raise Malformed(f"{node.path}.inclusion", str(fault)) from fault
    bound = max(proof[1], worth)
    yield agreement(node["value"], worth)
    yield agreement(node["upper_bound"], bound)
    yield agreement(node["integrality_gap"], bound - worth)
    yield agreement(node["gap"], proof[0])
    yield holds(
        f"{node.path}.tolerance", proof[0] <= tolerance, stated=tolerance, rule=f"gap {proof[0]}"
    )
    worst = int(np.argmax(owed[1])) if owed[1].any() else None
    expected = {
        "holds": owed[0],
        "worst": float(owed[1].max(initial=0.0)),
        "clause": None if worst is None else budget.candidates[worst].id,
    }
    yield agreement(node["ejr_plus"], expected)
    yield agreement(node["stability"]["bound"], stability_bound(proof[0], removed))


def _worth(values: FloatArray, budget: Budget) -> float:
    return float(harmonic(values[:, list(budget.chosen)].sum(axis=1)).mean())


def _bounds(
    outline: Outline, budget: Budget, prices: dict[str, tuple[float, ...]]
) -> tuple[float, float]:
    """The Nash programme's gap at the published shares, and the harmonic score's upper bound."""
    welfare = outline.document["method"]["welfare"]
    rows, limits, _ = budget.rows()
    values, x = outline.again.utilities[:, budget.columns], np.array(budget.x)
    equal = equal_weights(len(values))
    nash = gap(
        *(values, equal, x),
        rows=rows,
        limits=limits,
        prices=np.array(prices["nash"]),
        p=welfare["p"].number(low=-100.0, high=1.0),
        offset=welfare["offset"].number(low=1e-9, high=100.0),
    )
    bound = harmonic_bound(
        *(values, equal, x), rows=rows, limits=limits, prices=np.array(prices["harmonic"])
    )
    return nash, bound


def _prices(budget: Budget, which: str) -> tuple[float, ...]:
    _, limits, names = budget.rows()
    prices = np.zeros(len(limits))
    for entry in budget.node["prices"].items(by="constraint"):
        name = entry["constraint"].text()
        if name not in names:
            raise Malformed(entry["constraint"].path, "there is no such limit", found=name)
        prices[names[name]] = entry[which].number(low=0.0)
    return tuple(prices.tolist())


def swaps(outline: Outline) -> Iterator[Check]:
    """For each adopted clause the least number of people without whom an exchange is better."""
    margins: dict[str, int | None] = {}
    for node in outline.document["certificates"]["selections"].items(by="budget"):
        budget = Budget.read(outline, node)
        if budget.name == "common_ground" and budget.chosen and outline.again.served.n:
            found = outline.again.kept(
                ("swaps", budget.chosen, *budget.key), partial(_swaps, outline, budget)
            )
            for i, number in zip(budget.chosen, found.tolist(), strict=True):
                margins[budget.candidates[i].id] = int(number)
    for clause in outline.clauses:
        if not clause.node["margin"].is_null:
            yield agreement(clause.node["margin"]["swap"], margins.get(clause.id))


def _swaps(outline: Outline, budget: Budget) -> IntArray:
    values = outline.again.utilities[:, budget.columns]
    return swap_margins(values, budget.chosen, allowed=_exchanges(budget))


def _exchanges(budget: Budget) -> BoolArray:
    """(chosen, candidates) whether the limits let a candidate take a chosen one's place."""
    rows, limits, _ = budget.rows()
    x = np.zeros(len(budget.candidates))
    x[list(budget.chosen)] = 1.0
    used = rows @ x
    after = used[:, None, None] - rows[:, list(budget.chosen)][:, :, None] + rows[:, None, :]
    result: BoolArray = np.all(after <= limits[:, None, None] + LOOSE, axis=0)
    return result


# -- other rules -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Sets:
    """The utilities and approvals by which sets of clauses are compared, and the default set."""

    values: FloatArray
    labels: IntArray
    default: tuple[int, ...] | None  # positions; None: the first rule's set is the default


@dataclass(frozen=True, eq=False)
class _Reported:
    checks: list[Check]
    kept: dict[str, tuple[int, int]]


def _approach(outline: Outline, budget: Budget) -> _Sets:
    again = outline.again
    return _Sets(again.utilities[:, budget.columns], again.crowd.labels, budget.chosen)


def contested(outline: Outline) -> Iterator[Check]:
    """Every rule on the claims that divide people, by estimates without caution."""
    again, stated = outline.again, outline.document["certificates"]["contested"]
    means = again.positions.mean(axis=0) if again.served.n else np.zeros(again.served.m)
    columns = np.flatnonzero((means >= DIVIDED[0]) & (means <= DIVIDED[1]))
    if stated.is_null:
        return
    yield agreement(stated["candidates"], len(columns) if again.served.n else 0)
    seats = stated["seats"].integer(low=1)
    approvals = (again.positions[:, columns] > APPROVED).astype(np.float64)
    sets = _Sets(approvals, again.crowd.labels, None)
    report = _report(outline, stated, sets, tuple(columns.tolist()), seats=seats)
    yield from report.checks


def _report(
    outline: Outline,
    stated: Node,
    sets: _Sets,
    columns: tuple[int, ...],
    *,
    budget: Budget | None = None,
    seats: int | None = None,
) -> _Reported:
    """Each rule's set: that it is allowed, and what it means to people."""
    place = {column: i for i, column in enumerate(columns)}
    checks, chosen = [], []
    default = sets.default
    for entry in stated["rules"].items(by="rule"):
        members = tuple(_position(outline, node, place) for node in entry["chosen"].items())
        default = members if default is None else default
        if list(members) != sorted(set(members)):
            raise Malformed(entry["chosen"].path, "each clause once, in canonical order")
        within = budget is None or budget.allows(members)
        fits = within and (seats is None or len(members) <= seats)
        path = entry["chosen"].path
        checks.append(holds(path, fits, stated=entry["chosen"].value, rule="within every limit"))
        key = "merit", columns, members, default, budget is None
        found = outline.again.kept(
            key,
            partial(
                choices.merit,
                *(sets.values, sets.values > APPROVED, sets.labels, members),
                default=default,
            ),
        )
        expected = {"rule": UNCHECKED, "chosen": UNCHECKED, **asdict(found)}
        checks.append(agreement(entry, expected))
        chosen.append(set(members))
        if entry["rule"].value == "default" and sets.default is not None:
            same = members == sets.default
            checks.append(holds(path, same, stated=list(members), rule="the chosen clauses"))
    survivors = sorted(set.intersection(*chosen)) if chosen else []
    names = [outline.by_column[column].id for column in columns]
    checks.append(agreement(stated["survivors"], [names[i] for i in survivors]))
    kept = {
        name: (sum(i in members for members in chosen), len(chosen)) for i, name in enumerate(names)
    }
    return _Reported(checks, kept)


# -- weights ---------------------------------------------------------------------------------------


def weights(outline: Outline) -> Iterator[Check]:
    """Adopted clauses share one unit of priority, as near to the best as is stated."""
    again, stated = outline.again, outline.document["certificates"]["weights"]
    adopted = sorted((c for c in outline.clauses if c.status == "adopted"), key=lambda c: c.column)
    for clause in outline.clauses:
        if clause.status != "adopted":
            yield agreement(clause.node["weight"], None)
    if not adopted:
        yield agreement(stated["residual"], None)
        yield agreement(stated["unrepresented"], again.served.n)
        return
    p = tuple(clause.node["weight"].number(low=0.0, high=1.0) for clause in adopted)
    total, near = sum(p), 1e-6 * max(len(p), 1)
    yield holds("clauses.weight", abs(total - 1) <= near, stated=total, rule="1 in all")
    columns = [clause.column for clause in adopted]
    residual, silent = again.kept(
        ("weights", tuple(columns), p),
        lambda: choices.weights_residual(
            again.utilities[:, columns], np.array(p), floor=outline.parameters.policy.weight_floor
        ),
    )
    yield agreement(stated["residual"], residual)
    yield agreement(stated["silent"], silent)
    best = again.utilities[:, columns].max(axis=1)
    yield agreement(stated["unrepresented"], int((best <= APPROVED).sum()))


def _name(node: Node) -> str | None:
    return None if node.is_null else node.text()


def _pair(node: Node, place: dict[str, int]) -> tuple[int, int]:
    ends = [end.text() for end in node.items()]
    if len(ends) != 2 or any(end not in place for end in ends):
        raise Malformed(node.path, "a conflict is between two candidates", found=node.value)
    a, b = place[ends[0]], place[ends[1]]
    if a >= b:
        raise Malformed(node.path, "a conflict names the earlier claim first", found=node.value)
    return a, b


def _position(outline: Outline, node: Node, place: dict[int, int]) -> int:
    column = outline.clause(node).column
    if column not in place:
        raise Malformed(node.path, "it was no candidate", found=node.value)
    return place[column]
