"""From counts to tiers: how strongly each claim binds, in which direction, and what decided it.

Every rule reads the two directions alike, so negating all votes turns MUST into MUST NOT, SHOULD
into SHOULD NOT, and changes nothing else.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.opinion import Z95, Support, wilson
from aggregation.types import BoolArray, FloatArray, IntArray

Strength: TypeAlias = Literal["must", "should"]
POOLED = -1  # in `Assignment.binding`: the condition over everybody, not over one group

_SHARES = (
    *("must_pooled", "must_group", "should_pooled", "should_group"),
    *("veto", "divided_pooled", "voice_share", "min_group_mass", "theme_share", "weight_floor"),
    *("hysteresis", "contradiction_penalty"),
)
_COUNTS = ("min_reactions", "min_groups_for_must", "common_budget", "voice_budget")


class Standing(enum.IntEnum):
    """Where the counts alone put a claim, before any budget is spent."""

    NONE = 0
    VOICE = 1
    DIVIDED = 2
    PROVISIONAL = 3
    SHOULD = 4
    MUST = 5


@dataclass(frozen=True)
class Policy:
    """Every threshold that decides a tier; a political choice, so it is published in each spec.

    Shares are of all answers (agree + disagree + unsure); bounds are Wilson intervals at `z`.
    """

    version: str = "2"
    z: float = Z95
    must_pooled: float = 0.75  # lower bound over everybody
    must_group: float = 0.60  # lower bound in every group
    should_pooled: float = 0.60
    should_group: float = 0.50
    min_groups_for_must: int = 2  # with fewer opinion groups nobody could have objected as a group
    min_group_mass: float = 0.15  # smaller groups have no veto
    veto: float = 0.50  # a group whose lower bound against exceeds this vetoes
    divided_pooled: float = 0.35  # a vetoed claim with this much support divides people
    voice_share: float = 0.50  # a group with more than this speaks for a claim
    min_reactions: int = 7  # fewer answers are no estimate
    common_budget: int = 30
    voice_budget: int = 10
    theme_share: float = 0.20  # of the budget that one theme may take, or, if that is more,
    theme_leeway: float = 1.5  # this many times an even share: few themes can fill a budget too
    weight_floor: float = 0.10  # part of every voice that supports all adopted clauses alike
    hysteresis: float = 0.02  # a strength held in the version before is lost only this far below
    # Of a budget's harmonic score, lost for two chosen clauses that may contradict each other. The
    # last place of a full list is worth .03 to .09, and half of such pairs really do: a small part.
    contradiction_penalty: float = 0.01

    def __post_init__(self) -> None:
        if not isinstance(self.version, str) or not self.version:
            raise AggregationInputError("policy field version: give a name such as '1'.")
        for name in _SHARES:
            _require_number(name, getattr(self, name), low=0.0, high=1.0)
        _require_number("z", self.z, low=0.0, high=10.0)
        _require_number("theme_leeway", self.theme_leeway, low=1.0, high=10.0)
        for name in _COUNTS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise AggregationInputError(
                    f"policy field {name}: {value!r} is not a whole number of at least 0."
                )
        for name in ("must_pooled", "must_group", "should_pooled", "should_group"):
            if getattr(self, name) <= 0:
                raise AggregationInputError(
                    f"policy field {name}: at 0 every claim would pass; give a number above it."
                )
        for strict, mild in (("must_pooled", "should_pooled"), ("must_group", "should_group")):
            if getattr(self, strict) < getattr(self, mild):
                raise AggregationInputError(
                    f"policy field {strict}: it must be at least {mild}, or a clause could be a "
                    "MUST without being a SHOULD."
                )

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Policy:
        """The default policy with these fields changed; AggregationInputError names a bad one."""
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise AggregationInputError(
                    f"policy field {name!r} does not exist; the fields are {', '.join(known)}."
                )
        return cls(**dict[str, Any](values))  # __post_init__ checks each of them

    def theme_cap(self, budget: int, themes: int) -> int:
        """How many clauses of a budget one of so many themes may have; two at least."""
        share = max(self.theme_share, self.theme_leeway / max(themes, 1))
        return max(2, math.ceil(share * budget))

    def to_dict(self) -> dict[str, object]:
        """Plain values, as published; `from_dict` reads them back."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Assignment:
    """What the counts say about each of m claims.

    direction (m,): +1 more agree, -1 more disagree, 0 a tie
    strength: "must" or "should" where the claim is common ground
    provisional, vetoed, divided, voice_candidate (m,)
    binding (m,): the condition nearest to failing, or failing most: POOLED or a group's number
    slack (m,): its bound minus its threshold (SHOULD's, unless the claim is a MUST)
    opposing_group (m,): the group that vetoes most clearly, -1 where none does
    reason: why a claim got nothing, None where it got something
    """

    standing: IntArray
    direction: IntArray
    strength: tuple[Strength | None, ...]
    provisional: BoolArray
    provisional_strength: tuple[Strength | None, ...]
    vetoed: BoolArray
    divided: BoolArray
    voice_candidate: BoolArray
    binding: IntArray
    slack: FloatArray
    opposing_group: IntArray
    reason: tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """Shares and bounds in each claim's own direction; leading axes may stack resamples.

    Arrays are (..., m) over everybody and (..., k, m) per group; `against` is the lower bound of
    the share that takes the other side. Where there is no direction, both count agreement as for.
    """

    direction: IntArray
    seen: FloatArray
    share: FloatArray
    lower: FloatArray
    group_seen: FloatArray
    group_share: FloatArray
    group_lower: FloatArray
    group_against: FloatArray


Held: TypeAlias = Sequence[Strength | None]


def assign(support: Support, policy: Policy, *, held: Held | None = None) -> Assignment:
    """Put every claim in its tier by the policy's thresholds.

    held (m,): the strength of each claim in the version before, in the direction it has now; its
    thresholds are lower by the policy's hysteresis, so that a clause does not come and go with a
    handful of answers.
    """
    reading = read(
        *(support.agree, support.disagree, support.seen),
        *(support.agree_all, support.disagree_all, support.seen_all),
        z=policy.z,
    )
    standing = classify(reading, policy, held=held)
    vetoed = _vetoed(reading, policy)
    must = standing == Standing.MUST
    ease = np.where(must, *(_ease(held, policy, size=must.size, strong=b) for b in (True, False)))
    binding, slack = _binding(reading, policy, must=must, ease=ease)
    names: dict[int, Strength] = {Standing.MUST: "must", Standing.SHOULD: "should"}
    provisional = standing == Standing.PROVISIONAL
    return Assignment(
        standing=standing,
        direction=reading.direction,
        strength=tuple(names.get(one) for one in standing.tolist()),
        provisional=provisional,
        provisional_strength=tuple("should" if one else None for one in provisional.tolist()),
        vetoed=vetoed,
        divided=standing == Standing.DIVIDED,
        voice_candidate=standing == Standing.VOICE,
        binding=binding,
        slack=slack,
        opposing_group=_opposing(reading, vetoed, policy),
        reason=_reasons(reading, policy, standing=standing, vetoed=vetoed),
    )


def read(
    agree: IntArray | FloatArray,
    disagree: IntArray | FloatArray,
    seen: IntArray | FloatArray,
    agree_all: IntArray | FloatArray,
    disagree_all: IntArray | FloatArray,
    seen_all: IntArray | FloatArray,
    *,
    z: float,
) -> Reading:
    """Turn counts per group (..., k, m) and over everybody (..., m) into a Reading."""
    direction = np.sign(agree_all - disagree_all).astype(np.int64)
    turned = direction < 0
    side = np.where(turned, disagree_all, agree_all)
    across = turned[..., None, :]
    group_side = np.where(across, disagree, agree)
    return Reading(
        direction=direction,
        seen=seen_all.astype(np.float64),
        share=side / np.maximum(seen_all, 1),
        lower=wilson(side, seen_all, z=z)[0],
        group_seen=seen.astype(np.float64),
        group_share=group_side / np.maximum(seen, 1),
        group_lower=wilson(group_side, seen, z=z)[0],
        group_against=wilson(np.where(across, agree, disagree), seen, z=z)[0],
    )


def classify(reading: Reading, policy: Policy, *, held: Held | None = None) -> IntArray:
    """The Standing of every claim (..., m), as integers; `held` (m,) as for `assign`."""
    directed = reading.direction != 0
    enough = reading.seen >= policy.min_reactions
    k = reading.group_seen.shape[-2]

    m = reading.direction.shape[-1]

    def holds(
        pooled: FloatArray, group: FloatArray, taus: tuple[float, float], ease: FloatArray
    ) -> BoolArray:
        in_groups = np.all(group >= taus[1] - ease, axis=-2)
        every: BoolArray = directed & (pooled >= taus[0] - ease) & in_groups
        return every

    should_at, must_at = _thresholds(policy, must=False), _thresholds(policy, must=True)
    should = holds(
        reading.lower, reading.group_lower, should_at, _ease(held, policy, size=m, strong=False)
    )
    must = holds(
        reading.lower, reading.group_lower, must_at, _ease(held, policy, size=m, strong=True)
    )
    must &= k >= policy.min_groups_for_must
    provisional = enough & holds(reading.share, reading.group_share, should_at, np.zeros(m))
    vetoed = _vetoed(reading, policy)
    for_it = np.any(reading.group_lower > policy.veto, axis=-2)
    divided = vetoed & (for_it | (directed & (reading.share >= policy.divided_pooled)))
    heard = (reading.group_share > policy.voice_share) & (
        reading.group_seen >= policy.min_reactions
    )
    voice = directed & enough & np.any(heard, axis=-2) & ~vetoed
    return np.select(
        [must, should, provisional, divided, voice],
        [
            *(Standing.MUST, Standing.SHOULD, Standing.PROVISIONAL),
            *(Standing.DIVIDED, Standing.VOICE),
        ],
        default=Standing.NONE,
    ).astype(np.int64)


def _thresholds(policy: Policy, *, must: bool) -> tuple[float, float]:
    """What the lower bounds must reach: over everybody, and in every group."""
    if must:
        return policy.must_pooled, policy.must_group
    return policy.should_pooled, policy.should_group


def _ease(held: Held | None, policy: Policy, *, size: int, strong: bool) -> FloatArray:
    """(m,) by how much thresholds are lowered, for MUST (strong) or for SHOULD.

    Who held a MUST also held a SHOULD.
    """
    if held is None:
        return np.zeros(size)
    if len(held) != size:
        raise AggregationInputError(f"held: give one entry for each of the {size} claims.")
    eased = ("must",) if strong else ("must", "should")
    return np.array([policy.hysteresis if one in eased else 0.0 for one in held])


def _vetoed(reading: Reading, policy: Policy) -> BoolArray:
    """Some group surely takes the other side; on a tie, groups stand surely on both sides."""
    enough = reading.group_seen >= policy.min_reactions  # a handful of people have no veto
    against = np.any((reading.group_against > policy.veto) & enough, axis=-2)
    both = against & np.any(reading.group_lower > policy.veto, axis=-2)
    vetoed: BoolArray = np.where(reading.direction == 0, both, against)
    return vetoed


def _opposing(reading: Reading, vetoed: BoolArray, policy: Policy) -> IntArray:
    if reading.group_against.shape[0] == 0:
        return np.full(vetoed.shape, -1, dtype=np.int64)
    enough = reading.group_seen >= policy.min_reactions
    loudest = np.argmax(np.where(enough, reading.group_against, -1.0), axis=0)
    return np.where(vetoed, loudest, -1).astype(np.int64)


def _binding(
    reading: Reading, policy: Policy, *, must: BoolArray, ease: FloatArray
) -> tuple[IntArray, FloatArray]:
    pooled = reading.lower - np.where(must, policy.must_pooled, policy.should_pooled) + ease
    group = reading.group_lower - np.where(must, policy.must_group, policy.should_group) + ease
    slacks = np.vstack([pooled[None, :], group])
    return np.argmin(slacks, axis=0) + POOLED, slacks.min(axis=0)


def _reasons(
    reading: Reading, policy: Policy, *, standing: IntArray, vetoed: BoolArray
) -> tuple[str | None, ...]:
    majority = np.any(reading.group_share > policy.voice_share, axis=-2)
    if reading.group_share.shape[-2] == 0:
        majority = reading.share > policy.voice_share
    codes = np.select(
        [
            standing != Standing.NONE,
            reading.seen == 0,
            reading.seen < policy.min_reactions,
            reading.direction == 0,
            vetoed,
            ~majority,
        ],
        ["", "no_reactions", "few_reactions", "tie", "group_opposes", "no_majority"],
        default="not_broad",
    )
    return tuple(str(code) or None for code in codes)


def _require_number(name: str, value: object, *, low: float, high: float) -> None:
    number = None if isinstance(value, bool) else value
    if not isinstance(number, int | float) or not low <= number <= high:
        raise AggregationInputError(
            f"policy field {name}: {value!r} is not a number from {low:g} to {high:g}."
        )
