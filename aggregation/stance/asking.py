"""Which pairs to put to citizens as either/or questions, and what their answers say.

Sparse reactions do not answer whether two claims contradict each other: most pairs were answered by
nobody twice. So people are asked. Their answers suggest a verdict; a person gives it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.opinion import wilson
from aggregation.stance.evidence import Evidence

Pair: TypeAlias = tuple[str, str]
Word = Literal["confirmed by voters", "refuted by voters", "open"]

BAR = 0.60  # lower bound of the share who took one side; half would choose so by whim
REFUTED = 0.50  # upper bound of it below which most people see room for both
LEAST = 20  # answers that speak to it, as for every association
PRIOR = 4.0  # answers that the evidence counts for while nobody has answered


@dataclass(frozen=True)
class Answers:
    """How many people answered an either/or question in which way, `first` by the pair's order."""

    first: int = 0
    second: int = 0
    both: int = 0  # both at once are possible
    neither: int = 0
    unsure: int = 0  # cannot say

    def __post_init__(self) -> None:
        for name in ("first", "second", "both", "neither", "unsure"):
            if getattr(self, name) < 0:
                raise AggregationInputError(f"answers {name}: a count is at least 0.")

    @property
    def chose(self) -> int:
        """People who took one side, although they could have said that both are possible."""
        return self.first + self.second

    @property
    def telling(self) -> int:
        """Answers that speak to whether both can hold; "neither" and "cannot say" do not."""
        return self.chose + self.both


@dataclass(frozen=True)
class Verdict:
    """What the answers suggest; a person still confirms.

    share : of those who took one side among the telling answers, with its Wilson interval (95 %);
        None where there are none
    """

    word: Word
    telling: int
    share: float | None
    lo: float
    hi: float

    @property
    def why(self) -> str:
        """The suggestion in a sentence made from its figures."""
        if self.share is None:
            return "Nobody has said yet whether both can hold."
        counted = (
            f"{round(self.share * self.telling):,} of {self.telling:,} people took one side and "
            f"did not say that both are possible ({self.share:.0%}; 95 % interval {self.lo:.0%} to "
            f"{self.hi:.0%})."
        )
        if self.word == "open":
            return f"{counted} That does not settle it."
        bar = (
            f"at least {BAR:.0%}" if self.word == "confirmed by voters" else f"under {REFUTED:.0%}"
        )
        return f"{counted} The interval lies {bar}: {self.word}. A person still decides."


def read_answers(answers: Answers) -> Verdict:
    """What the answers to one question suggest.

    "confirmed by voters" where at least LEAST answers are telling and the lower bound of the share
    who took one side is at least BAR; "refuted by voters" where the upper bound is under REFUTED.
    """
    n = answers.telling
    if n == 0:
        return Verdict("open", 0, None, 0.0, 1.0)
    lo, hi = (float(bound) for bound in wilson(answers.chose, n))
    word: Word = "open"
    if n >= LEAST and lo >= BAR:
        word = "confirmed by voters"
    elif n >= LEAST and hi < REFUTED:
        word = "refuted by voters"
    return Verdict(word, n, answers.chose / n, lo, hi)


def to_ask(
    evidence: Sequence[Evidence],
    asked: Mapping[Pair, Answers],
    *,
    stakes: Mapping[str, float] | None = None,
    most: int = 20,
    seed: int = 0,
) -> tuple[Pair, ...]:
    """The pairs whose next answer tells most, best first; pairs that answers settled are left out.

    asked : what was answered so far, by (first, second) as in the evidence
    stakes : how much hangs on each claim, such as its share of agreement, in [0, 1]; a pair weighs
        as much as its smaller one, for only where both have support could both be adopted. 1 for
        claims that are not named.

    A pair's worth is how unsure its share is, sqrt(ab / ((a + b)^2 (a + b + 1))) of the Beta(a, b)
    that starts from the score and has seen the answers, times its stake. Pairs of equal worth come
    in an order by lot, drawn from the seed, so that none waits behind another for ever.
    """
    if most < 0:
        raise AggregationInputError(f"most {most}: give a whole number of at least 0.")
    weigh = stakes or {}
    open_pairs = [
        one
        for one in evidence
        if read_answers(asked.get((one.first, one.second), Answers())).word == "open"
    ]
    open_pairs.sort(key=lambda one: (one.first, one.second))  # so that the lot is the pair's own
    lot = np.random.default_rng(seed).permutation(len(open_pairs)).tolist()

    def worth(one: Evidence) -> float:
        stake = min(weigh.get(one.first, 1.0), weigh.get(one.second, 1.0))
        return stake * _unsure(one.score, asked.get((one.first, one.second), Answers()))

    order = sorted(range(len(open_pairs)), key=lambda k: (-round(worth(open_pairs[k]), 9), lot[k]))
    return tuple((open_pairs[k].first, open_pairs[k].second) for k in order[:most])


def _unsure(score: float, answers: Answers) -> float:
    """Standard deviation of the share who take one side, given the evidence and the answers."""
    a = PRIOR * (0.05 + 0.9 * score) + answers.chose
    b = PRIOR * (0.95 - 0.9 * score) + answers.both
    return math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
