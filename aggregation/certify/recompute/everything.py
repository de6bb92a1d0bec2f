"""All that can be recomputed from votes, each stage once, in the order of the aggregation."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from aggregation.certify.recompute import choices, estimates, groups
from aggregation.certify.recompute.ballots import Ballots, Served, canonical
from aggregation.certify.recompute.groups import Counts, Crowd
from aggregation.certify.recompute.standing import (
    Sides,
    Thresholds,
    stability,
    standing,
    vetoed,
    wilson,
)
from aggregation.certify.stated import Malformed, Node
from aggregation.types import BoolArray, FloatArray, IntArray

_Value = TypeVar("_Value")
SAMPLE = 2000
STRENGTHS = (None, "must", "should")


@dataclass(frozen=True)
class Parameters:
    """What a document says about how it was made; everything else follows from the votes.

    claims: ids in natural order; held: the strength of each in the version before
    order: group i of the document is group order[i] by size
    """

    claims: tuple[str, ...]
    held: tuple[str | None, ...]
    policy: Thresholds
    seed: int
    resamples: int
    min_mass: float
    k_max: int
    groups_seed: int
    order: tuple[int, ...]
    rank: int
    rounds: int
    completion_seed: int

    @classmethod
    def read(cls, document: Node) -> Parameters:
        """From a document; Malformed names what is missing or out of range."""
        method = document["method"]
        held: dict[str, str | None] = {}
        for clause in document["clauses"].items(by="id"):
            held[clause["claim"].text()] = _strength(clause["held"])
        claims = canonical(tuple(held))
        return cls(
            claims=claims,
            held=tuple(held[name] for name in claims),
            policy=Thresholds.read(method["policy"]),
            seed=method["seed"].integer(),
            resamples=method["bootstrap_resamples"].integer(high=10_000),
            min_mass=method["groups"]["min_mass"].number(low=0.0, high=1.0),
            k_max=method["groups"]["k_max"].integer(low=1, high=50),
            groups_seed=method["groups"]["seed"].integer(),
            order=tuple(
                place.integer(high=1000)
                for place in document["certificates"]["groups"]["order"].items()
            ),
            rank=method["completion"]["rank"].integer(high=32),
            rounds=method["completion"]["rounds"].integer(low=1, high=1000),
            completion_seed=method["completion"]["seed"].integer(),
        )


class Recomputation:
    """Every stage, computed when it is first asked for and then kept."""

    def __init__(self, votes: Ballots, parameters: Parameters) -> None:
        self.votes, self.parameters = votes, parameters
        self._kept: dict[Hashable, Any] = {}

    @cached_property
    def served(self) -> Served:
        """The votes that count, of people who cast any."""
        return self.votes.counted

    @cached_property
    def by_size(self) -> Crowd:
        """The opinion groups, largest first."""
        p = self.parameters
        return groups.crowd(self.served, min_mass=p.min_mass, k_max=p.k_max, seed=p.groups_seed)

    @cached_property
    def crowd(self) -> Crowd:
        """The opinion groups under the document's numbers."""
        order = self.parameters.order
        if sorted(order) != list(range(self.by_size.k)):
            raise Malformed(
                "certificates.groups.order",
                f"it does not number the {self.by_size.k} groups that the votes show",
                found=list(order),
            )
        return self.by_size.renumbered(order)

    @cached_property
    def counts(self) -> Counts:
        """Answers per group and over everybody."""
        return groups.counts(self.served, self.crowd)

    @cached_property
    def sides(self) -> Sides:
        """The same, turned to each claim's own direction."""
        return Sides.of(self.counts.agree, self.counts.disagree, self.counts.seen)

    @cached_property
    def bounds(self) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Wilson's interval (95 %) of the share of each answer, (k + 1, m) each."""
        counts = self.counts
        return {
            "agree": wilson(counts.agree, counts.seen),
            "disagree": wilson(counts.disagree, counts.seen),
        }

    @cached_property
    def standing(self) -> IntArray:
        """(m,) where the counts put each claim."""
        return standing(self.sides, self.parameters.policy, self.parameters.held)

    @cached_property
    def vetoed(self) -> BoolArray:
        """(m,) whether a group stands surely against."""
        return vetoed(self.sides, self.parameters.policy)

    @cached_property
    def stability(self) -> FloatArray:
        """(m,) share of resamples in which a claim keeps its class."""
        p = self.parameters
        return stability(
            self.served, self.crowd, p.policy, p.held, resamples=p.resamples, seed=p.seed
        )

    @cached_property
    def cells(self) -> estimates.Cells:
        """The agree and disagree votes."""
        return estimates.Cells.of(self.served)

    @cached_property
    def model(self) -> estimates.Model:
        """The fitted estimates."""
        p = self.parameters
        return estimates.fit(self.cells, rank=p.rank, rounds=p.rounds, seed=p.completion_seed)

    def utilities(self, columns: tuple[int, ...]) -> FloatArray:
        """(n, columns) how far each person sides with these claims' directions."""
        made = partial(choices.utilities, self.served, self.crowd, self.counts, self.model, columns)
        return self.kept(("utilities", columns), made)

    @cached_property
    def _told(self) -> Served:
        return self.served.agreed_or_not()

    @cached_property
    def _support_model(self) -> estimates.Model:
        p = self.parameters
        cells = estimates.Cells.of(self._told)
        return estimates.fit(cells, rank=p.rank, rounds=p.rounds, seed=p.completion_seed)

    def agreement(self, columns: tuple[int, ...]) -> FloatArray:
        """(n, columns) how surely each person agrees, against disagreeing or being unsure.

        Of more than 2000 people, 2000 at equal steps.
        """
        made = partial(choices.agreement, self._told, self._support_model, self.sample, columns)
        return self.kept(("agreement", columns), made)

    @cached_property
    def sample(self) -> IntArray:
        """The rows of the people whom rules are asked about where everybody would be too many."""
        count = min(self.served.n, SAMPLE)
        return np.arange(count) * self.served.n // max(count, 1)

    @cached_property
    def mean_agreement(self) -> FloatArray:
        """(m,) the same over all people."""
        return choices.mean_agreement(self._told, self._support_model)

    def kept(self, key: Hashable, compute: Callable[[], _Value]) -> _Value:
        """The value of `compute`, which must follow from `key` and the votes alone."""
        if key not in self._kept:
            self._kept[key] = compute()
        value: _Value = self._kept[key]
        return value


def _strength(node: Node) -> str | None:
    if node.value not in STRENGTHS:
        raise Malformed(node.path, "a strength is must, should or null", found=node.value)
    return None if node.is_null else node.text()


def equal_weights(n: int) -> FloatArray:
    """(n,) one voice each."""
    return np.full(n, 1.0 / n) if n else np.zeros(0)
