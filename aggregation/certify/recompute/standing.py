"""Where the counts put each claim under a policy, and how firmly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aggregation.certify.recompute.ballots import Served
from aggregation.certify.recompute.groups import Crowd
from aggregation.certify.stated import Node
from aggregation.types import BoolArray, FloatArray, IntArray

NONE, VOICE, DIVIDED, PROVISIONAL, SHOULD, MUST = range(6)
Z95 = 1.959963984540054  # two-sided 95 %
RESAMPLES = 50  # drawn at once, which settles the order of the draws
PEOPLE = 2000  # laid out in full at once
_HIGHEST = {"z": 10.0, "theme_leeway": 10.0}  # fields of a policy that are no shares


@dataclass(frozen=True)
class Thresholds:
    """The numbers of a policy, as a document states them."""

    z: float
    must_pooled: float
    must_group: float
    should_pooled: float
    should_group: float
    min_groups_for_must: int
    min_group_mass: float
    veto: float
    divided_pooled: float
    voice_share: float
    min_reactions: int
    common_budget: int
    voice_budget: int
    theme_share: float
    theme_leeway: float
    weight_floor: float
    hysteresis: float
    contradiction_penalty: float

    @classmethod
    def read(cls, node: Node) -> Thresholds:
        """From a document's method.policy; Malformed names a field that is no such number."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            stated = node[field.name]
            if field.type == "int":
                values[field.name] = stated.integer(high=10**6)
            else:
                values[field.name] = stated.number(low=0.0, high=_HIGHEST.get(field.name, 1.0))
        return cls(**values)

    def bars(self, strength: str | None) -> tuple[float, float]:
        """What the lower bounds must reach for a strength: over everybody, and in every group."""
        if strength == "must":
            return self.must_pooled, self.must_group
        return self.should_pooled, self.should_group

    def ease(self, held: Sequence[str | None], strength: str) -> FloatArray:
        """(m,) by how much the bars are lower for what held this strength before."""
        eased = ("must",) if strength == "must" else ("must", "should")
        return np.array([self.hysteresis if one in eased else 0.0 for one in held])


def wilson(hits: ArrayLike, trials: ArrayLike, z: float = Z95) -> tuple[FloatArray, FloatArray]:
    """Wilson's interval (1927) of a share; 0 and 1 where nothing was counted.

    A bound may equal a threshold exactly, so operations stand in the order of the usual formula,
    centre and spread over scale: then both writings round alike.
    """
    a, n = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    n, empty = np.maximum(n, 1.0), n == 0
    share = a / n
    centre = share + z * z / (2 * n)
    spread = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = np.clip((centre - spread) / scale, 0.0, 1.0)
    high = np.clip((centre + spread) / scale, 0.0, 1.0)
    return np.where(empty, 0.0, low), np.where(empty, 1.0, high)


@dataclass(frozen=True, eq=False)
class Sides:
    """Counts turned to each claim's own direction; the last row of (..., k + 1, m) is everybody.

    direction (..., m): +1 more agree, -1 more disagree, 0 a tie (then both count agreement as for)
    """

    direction: IntArray
    side: NDArray[Any]
    against: NDArray[Any]
    seen: FloatArray

    @classmethod
    def of(cls, agree: NDArray[Any], disagree: NDArray[Any], seen: NDArray[Any]) -> Sides:
        """From answers per group and over everybody."""
        direction = np.sign(agree[..., -1, :] - disagree[..., -1, :]).astype(np.int64)
        turned = (direction < 0)[..., None, :]
        return cls(
            direction,
            np.where(turned, disagree, agree),
            np.where(turned, agree, disagree),
            seen.astype(np.float64),
        )

    @property
    def share(self) -> FloatArray:
        """The part of all answers that takes the claim's direction."""
        result: FloatArray = self.side / np.maximum(self.seen, 1)
        return result


def vetoed(sides: Sides, policy: Thresholds) -> BoolArray:
    """A group surely takes the other side; on a tie, groups surely take both."""
    against = wilson(sides.against, sides.seen, policy.z)[0][..., :-1, :] > policy.veto
    against &= sides.seen[..., :-1, :] >= policy.min_reactions
    both = against.any(axis=-2) & _surely_for(sides, policy)
    result: BoolArray = np.where(sides.direction == 0, both, against.any(axis=-2))
    return result


def _surely_for(sides: Sides, policy: Thresholds) -> BoolArray:
    lower = wilson(sides.side, sides.seen, policy.z)[0]
    result: BoolArray = np.any(lower[..., :-1, :] > policy.veto, axis=-2)
    return result


def standing(sides: Sides, policy: Thresholds, held: Sequence[str | None]) -> IntArray:
    """(..., m) the highest of MUST, SHOULD, PROVISIONAL, DIVIDED, VOICE whose rule is met."""
    lower, share = wilson(sides.side, sides.seen, policy.z)[0], sides.share
    taken = sides.direction != 0
    k = sides.seen.shape[-2] - 1
    measured = sides.seen >= policy.min_reactions

    def reach(values: FloatArray, strength: str, ease: FloatArray | float) -> BoolArray:
        pooled, group = policy.bars(strength)
        everywhere: BoolArray = np.all(values[..., :-1, :] >= group - ease, axis=-2)
        reached: BoolArray = taken & everywhere & (values[..., -1, :] >= pooled - ease)
        return reached

    result = np.full(sides.direction.shape, NONE)
    refused = vetoed(sides, policy)
    heard = np.any((share[..., :-1, :] > policy.voice_share) & measured[..., :-1, :], axis=-2)
    result[taken & measured[..., -1, :] & heard & ~refused] = VOICE
    popular = taken & (share[..., -1, :] >= policy.divided_pooled)
    result[refused & (popular | _surely_for(sides, policy))] = DIVIDED
    result[measured[..., -1, :] & reach(share, "should", 0.0)] = PROVISIONAL
    result[reach(lower, "should", policy.ease(held, "should"))] = SHOULD
    if k >= policy.min_groups_for_must:
        result[reach(lower, "must", policy.ease(held, "must"))] = MUST
    return result


def stability(
    votes: Served,
    crowd: Crowd,
    policy: Thresholds,
    held: Sequence[str | None],
    *,
    resamples: int,
    seed: int,
) -> FloatArray:
    """(m,) share of bootstrap resamples of people, groups fixed, with the same class and side."""
    if resamples < 1 or votes.n == 0:
        return np.ones(votes.m)
    rng = np.random.default_rng(seed)
    chance = np.full(votes.n, 1 / votes.n)
    truth = _classes(votes, crowd, np.ones((1, votes.n)), policy, held)
    kept = np.zeros(votes.m)
    for start in range(0, resamples, RESAMPLES):
        drawn = rng.multinomial(votes.n, chance, size=min(RESAMPLES, resamples - start))
        kept += np.sum(_classes(votes, crowd, drawn, policy, held) == truth, axis=0)
    return kept / resamples


def _classes(
    votes: Served,
    crowd: Crowd,
    drawn: NDArray[Any],
    policy: Thresholds,
    held: Sequence[str | None],
) -> IntArray:
    """(B, m) standing and direction in one number, each person counted as often as drawn (B, n)."""
    tables = np.zeros((3, len(drawn), crowd.k + 1, votes.m))
    for start in range(0, votes.n, PEOPLE):
        block = slice(start, start + PEOPLE)
        answers, times = votes.dense(block, fill=np.nan), drawn[:, block].astype(np.float64)
        labels = crowd.labels[block]
        for g in range(-1, crowd.k):
            rows = np.flatnonzero(labels == g)
            own = answers[rows]
            for table, hit in zip(tables, (own > 0, own < 0, ~np.isnan(own)), strict=True):
                found = times[:, rows] @ hit.astype(np.float64)
                table[:, -1] += found
                if g >= 0:
                    table[:, g] += found
    sides = Sides.of(*tables)
    return standing(sides, policy, held) * 3 + sides.direction


_Changes: TypeAlias = tuple[int | None, int | None, int | None]  # flips, removals, additions


@dataclass(frozen=True)
class Distance:
    """How many people stand between a clause and the loss of its strength.

    flips, removals, additions: the least over all conditions, None where no number suffices
    weakest: the condition whose flips are fewest, "overall" or "group A"
    """

    flips: int | None
    removals: int | None
    additions: int | None
    weakest: str


def distance(
    cells: Sequence[tuple[int, int]],
    bars: tuple[float, float],
    z: float,
    names: Sequence[str],
    *,
    lead: int,
) -> Distance:
    """cells: (supporters, answers) of each group and last of everybody; names: of the groups.

    lead: by how many supporters are more than opponents; without a lead there is no strength.
    On equal flips the whole comes before the groups, and groups in their order.
    """
    everybody, groups = cells[-1], cells[:-1]
    conditions = [(everybody, bars[0], "overall")]
    conditions += [(cell, bars[1], f"group {g}") for cell, g in zip(groups, names, strict=True)]
    found: list[tuple[_Changes, str]] = [(((lead + 1) // 2, lead, lead), "overall")]
    found += [(_changes(a, n, tau, z), name) for (a, n), tau, name in conditions if tau > 0]
    flips, removals, additions = (
        min((number for number in column if number is not None), default=None)
        for column in ([changes[i] for changes, _ in found] for i in range(3))
    )
    weakest = next((name for changes, name in found if changes[0] == flips), "overall")
    return Distance(flips, removals, additions, weakest)


def _changes(a: int, n: int, tau: float, z: float) -> _Changes:
    """The least flips, removals and additions after which the lower bound is under tau."""
    gone = np.arange(a + 1)
    flips = np.flatnonzero(wilson(a - gone, np.full(a + 1, n), z)[0] < tau)
    removals = np.flatnonzero(wilson(a - gone, n - gone, z)[0] < tau)
    return (
        int(flips[0]) if flips.size else None,
        int(removals[0]) if removals.size else None,
        _additions(a, n, tau, z),
    )


def _additions(a: int, n: int, tau: float, z: float) -> int | None:
    """By doubling and halving: the bound falls with every newcomer against."""

    def under(r: int) -> bool:
        return bool(wilson(a, n + r, z)[0] < tau)

    high = 1
    while not under(high):
        high *= 2
    low = high // 2  # not under, unless high is 1
    if under(0):
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if under(middle) else (middle, high)
    return high
