"""What to show a citizen next: the claims whose tier her answer could settle.

Every claim keeps a chance of being shown, and the chance is recorded with the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from aggregation.errors import AggregationInputError
from aggregation.opinion import Support, polis_priority
from aggregation.types import BoolArray, FloatArray, IntArray

PRIOR = 4.0  # pseudo-answers at the pooled share: a group is presumed like everybody
EXPLORATION = 0.10  # part of every draw that is uniform: no claim is ever out of sight
SCARCITY = 5.0  # added to the answers so far: few answers make a claim urgent, not infinitely so
UNLIKELY = 0.05  # weight left to claims that other groups will hardly pass


@dataclass(frozen=True)
class Pick:
    """A claim to show, and the chance it had of being picked at its turn."""

    statement: str
    probability: float


def next_statements(
    support: Support,
    group: int | None,
    answered: BoolArray,
    rng: np.random.Generator,
    *,
    count: int = 1,
    tau: float = 0.60,
    exploration: float = EXPLORATION,
    rule: Literal["boundary", "polis"] = "boundary",
    extremity: FloatArray | None = None,
) -> tuple[Pick, ...]:
    """Draw up to `count` different claims that this citizen has not answered, in order.

    group : the citizen's opinion group, None while unknown
    answered : (m,) also set for her own claims and for those that must not be shown
    tau : the share in question, between 0 and 1; of the boundary rule alone
    rule : "boundary" is `boundary_score`; "polis" is Polis's priority, the same for everybody,
        which needs `extremity` (m,) of `opinion.extremity`

    Each turn draws from `serving_chances` over the claims left.
    Raises AggregationInputError for anything out of range.
    """
    m = len(support.statements)
    if answered.shape != (m,) or answered.dtype != bool:
        raise AggregationInputError(f"answered: give {m} flags, one for each claim.")
    if count < 0:
        raise AggregationInputError(f"count {count} is below 0.")
    if rule == "boundary":
        score = boundary_score(support, group, tau=tau)
    elif rule == "polis":
        score = _priority(support, group, extremity)
    else:
        raise AggregationInputError(f"rule {rule!r}: give 'boundary' or 'polis'.")
    left = np.flatnonzero(~answered)
    picks: list[Pick] = []
    chance = serving_chances(score[left], exploration=exploration)
    while left.size and len(picks) < count:
        place = int(rng.choice(left.size, p=chance))
        picks.append(Pick(support.statements[int(left[place])], float(chance[place])))
        left = np.delete(left, place)
        chance = serving_chances(score[left], exploration=exploration)
    return tuple(picks)


def serving_chances(score: FloatArray, *, exploration: float) -> FloatArray:
    """Chances, adding up to 1: (1 - exploration) x score / sum + exploration / number of claims.

    So no claim's chance falls below exploration / number. Scores that are all 0 count as equal.
    """
    if not 0 < exploration <= 1:
        raise AggregationInputError(f"exploration {exploration} is not above 0 and at most 1.")
    even = np.full(score.size, 1 / max(1, score.size))
    total = score.sum()
    chance = (1 - exploration) * (score / total if total > 0 else even) + exploration * even
    normed: FloatArray = chance / chance.sum()
    return normed


def boundary_score(support: Support, group: int | None, *, tau: float) -> FloatArray:
    """(m,) at least 0: how much one more answer of this group would tell about the threshold.

    With mu, s the posterior mean and deviation of a group's share in the claim's direction, and
    z = (mu - tau) / s: pdf(z) s / (answers + 5) x (.05 + prod over other groups of cdf(z)).
    """
    k = _require_group(support, group)
    if not 0 < tau < 1:
        raise AggregationInputError(f"tau {tau} is not between 0 and 1.")
    turned = support.disagree_all > support.agree_all
    side_all = np.where(turned, support.disagree_all, support.agree_all)
    pooled = (side_all + 1) / (support.seen_all + 2)
    side = np.where(turned, support.disagree, support.agree)
    z, spread = _boundary(side, support.seen, pooled, tau=tau)
    if group is None:
        own, deviation = _boundary(side_all, support.seen_all, pooled, tau=tau)
        answers, others = support.seen_all, np.ones(k, dtype=bool)
    else:
        own, deviation, answers = z[group], spread[group], support.seen[group]
        others = np.arange(k) != group
    likely = np.prod(special.ndtr(z[others]), axis=0)
    density = np.exp(-own * own / 2) / np.sqrt(2 * np.pi)
    score: FloatArray = density * deviation / (answers + SCARCITY) * (UNLIKELY + likely)
    return score


def _boundary(
    count: IntArray,
    seen: IntArray,
    pooled: FloatArray,
    *,
    tau: float,
) -> tuple[FloatArray, FloatArray]:
    """z = (mu - tau) / s and s of Beta posteriors with the pooled share as prior."""
    a = count + PRIOR * pooled
    total = seen + PRIOR
    mean = a / total
    deviation = np.sqrt(mean * (1 - mean) / (total + 1))
    return (mean - tau) / deviation, deviation


def _priority(support: Support, group: int | None, extremity: FloatArray | None) -> FloatArray:
    _require_group(support, group)
    m = len(support.statements)
    if extremity is None or extremity.shape != (m,):
        raise AggregationInputError(f"extremity: the polis rule needs {m} of them, one a claim.")
    wrong = np.flatnonzero(~np.isfinite(extremity) | (extremity < 0))
    if wrong.size:
        raise AggregationInputError(
            f"extremity {extremity[wrong[0]]} of claim {support.statements[wrong[0]]!r} is not a "
            "number of at least 0."
        )
    return polis_priority(support, extremity)


def _require_group(support: Support, group: int | None) -> int:
    """How many groups there are, if `group` is one of them or None."""
    k = int(support.agree.shape[0])
    if group is not None and not 0 <= group < k:
        raise AggregationInputError(f"group {group} does not exist; there are {k}.")
    return k
