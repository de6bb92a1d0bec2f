"""What becomes of each claim: the tiers' verdicts, the budgets' choices, one reason for each.

Common ground, provisional, plural and voice are settled in this order; whatever says nearly the
same as a clause already in the spec is represented by it, so that no two clauses say one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aggregation.spec.findings import Decision
from aggregation.tiers import Assignment, Policy
from aggregation.types import BoolArray, FloatArray, IntArray, Status, Tier
from aggregation.welfare.select import Choice, choose
from aggregation.welfare.weights import priority


@dataclass(frozen=True)
class Candidates:
    """All that choosing needs to know about m claims.

    utilities : columns -> (n, columns) in [0, 1], how far each citizen sides with these claims'
        directions
    weights : (n,) summing to 1; seen : (m,) served reactions
    similar : whose norms say nearly the same, per claim, nearest first
    overlapping : the same for those that would repeat it in one spec; holds all of `similar`
    excluding : pairs that people found to contradict each other; tense : pairs that may
    leading : (m,) the group that agrees most, -1 where there is only one
    before : budget -> claims that the version before chose; they stay until an exchange is better
    """

    utilities: Callable[[IntArray], FloatArray]
    weights: FloatArray
    seen: IntArray
    family: IntArray
    theme: IntArray
    similar: Mapping[int, Sequence[int]]
    overlapping: Mapping[int, Sequence[int]]
    excluding: Sequence[tuple[int, int]]
    tense: Sequence[tuple[int, int]]
    leading: IntArray
    folded: frozenset[int]  # claims for which a person let another one's words stand
    is_norm: tuple[bool | None, ...]  # None: no rule can tell
    before: Mapping[str, frozenset[int]]


@dataclass(frozen=True, eq=False)
class Selection:
    """How one budget was filled: claims (candidates,) by index, their utilities, the choice."""

    budget: str
    claims: tuple[int, ...]
    utilities: FloatArray
    theme_cap: int
    choice: Choice


@dataclass(frozen=True, eq=False)
class Decisions:
    """One decision per claim, and how both budgets were filled."""

    decisions: tuple[Decision, ...]
    selections: tuple[Selection, ...]


def decide(assignment: Assignment, candidates: Candidates, *, policy: Policy) -> Decisions:
    """Settle every claim: adopted, provisional, contested or not adopted, with the reason."""
    return _Settling(assignment, candidates, policy).run()


WEIGHT_TOLERANCE = 1e-6
_TOO_LITTLE = ("no_reactions", "few_reactions", "tie")
_NO_REPETITION = ("contradicts", "likely_contradicts", "voice_contradicts", "opposite_views")


class _Settling:
    """The state of one settling: which claims stand in the spec, and what is decided so far."""

    def __init__(self, assignment: Assignment, candidates: Candidates, policy: Policy) -> None:
        self.a, self.c, self.policy = assignment, candidates, policy
        self.decided: dict[int, Decision] = {}
        self.rivals = self._binding(candidates.excluding)
        self.selections: list[Selection] = []

    def run(self) -> Decisions:
        m = self.c.seen.size
        self._settle_common_ground()
        self._settle_plural()
        self._settle_provisional()
        self._settle_voice()
        for j in range(m):
            if j not in self.decided:
                self.decided[j] = self._not_adopted(j, self._reason(j))
        self._weigh()
        ordered = tuple(self._resolved(self.decided[j]) for j in range(m))
        return Decisions(ordered, tuple(self.selections))

    # -- common ground -----------------------------------------------------------------------

    def _settle_common_ground(self) -> None:
        eligible = [j for j in range(self.c.seen.size) if self.a.strength[j] is not None]
        for j in eligible:
            if not self.c.is_norm[j]:
                self.decided[j] = self._no_norm(j)
        kept = self._one_per_family(j for j in eligible if self.c.is_norm[j])
        chosen, cap = self._select(kept, budget=self.policy.common_budget, name="common_ground")
        for j in chosen:
            strength = self.a.strength[j]
            self.decided[j] = Decision(
                Status.ADOPTED, Tier.COMMON_GROUND, strength, "broad_support"
            )
        self._settle_left_out(kept, chosen, cap=cap, code="budget")

    # -- plural and provisional --------------------------------------------------------------

    def _settle_plural(self) -> None:
        """Every claim that divides people is listed; near ones too, as they may be opposites."""
        for j in self._one_per_family(self._open(self.a.divided)):
            if self.c.is_norm[j]:
                group = int(self.a.opposing_group[j])
                self.decided[j] = Decision(
                    Status.CONTESTED, Tier.PLURAL, None, "divides_groups", group=group
                )
            else:
                self.decided[j] = self._no_norm(j)

    def _settle_provisional(self) -> None:
        """Every likely norm is listed, the best measured first, unless it repeats another."""
        for j in self._one_per_family(self._open(self.a.provisional)):
            relative = self._relative(j)
            twin = self._twin(j, self.c.overlapping)
            if relative is not None:
                self.decided[j] = self._represented(j, relative)
            elif (rival := self._rival(j)) is not None:
                self.decided[j] = replace(self._not_adopted(j, "likely_contradicts"), other=rival)
            elif twin is not None:
                self.decided[j] = replace(self._not_adopted(j, "likely_overlaps"), other=twin)
            elif self.c.is_norm[j]:
                strength = self.a.provisional_strength[j]
                code = "needs_more_reactions"
                self.decided[j] = Decision(Status.PROVISIONAL, Tier.COMMON_GROUND, strength, code)
            else:
                self.decided[j] = self._no_norm(j)

    def _open(self, members: BoolArray) -> list[int]:
        return [j for j in np.flatnonzero(members).tolist() if j not in self.decided]

    def _relative(self, j: int) -> int | None:
        """A better supported claim in other words: what became of it, this one shares."""
        for i in np.flatnonzero(self.c.family == self.c.family[j]).tolist():
            same_way = self.a.direction[i] == self.a.direction[j]
            if i != j and same_way and self.a.strength[i] is not None:
                return int(i)
        return None

    # -- voice -------------------------------------------------------------------------------

    def _settle_voice(self) -> None:
        open_claims = [
            int(j)
            for j in np.flatnonzero(self.a.voice_candidate)
            if int(j) not in self.decided and self.a.direction[j] > 0 and self.c.is_norm[j]
        ]
        kept = []
        for j in self._one_per_family(open_claims):
            twin, rival = self._twin(j, self.c.overlapping), self._rival(j)
            if rival is not None:
                self.decided[j] = replace(self._not_adopted(j, "voice_contradicts"), other=rival)
            elif twin is not None:
                self.decided[j] = replace(self._not_adopted(j, "voice_overlaps"), other=twin)
            else:
                kept.append(j)
        self._settle_opposite_views(kept)
        kept = [j for j in kept if j not in self.decided]
        chosen, cap = self._select(kept, budget=self.policy.voice_budget, name="voice")
        for j in chosen:
            self.decided[j] = Decision(Status.CONTESTED, Tier.VOICE, None, "voice")
        self._settle_left_out(kept, chosen, cap=cap, code="voice_budget")

    def _settle_opposite_views(self, kept: Sequence[int]) -> None:
        """Two claims that contradict each other, each the wish of another group: both are shown."""
        place = set(kept)
        for i, j in self.c.excluding:
            leads = self.c.leading[i], self.c.leading[j]
            if not {i, j} <= place or leads[0] == leads[1]:
                continue
            for one, other in ((i, j), (j, i)):
                if one not in self.decided:
                    self.decided[one] = Decision(
                        *(Status.CONTESTED, Tier.PLURAL, None, "opposite_views"),
                        other=other,
                        group=int(self.c.leading[one]),
                    )

    # -- shared ------------------------------------------------------------------------------

    def _select(self, kept: Sequence[int], *, budget: int, name: str) -> tuple[list[int], int]:
        """The welfare programme over these claims; the chosen ones and the theme cap."""
        columns = np.array(kept, dtype=np.int64)
        cap = self.policy.theme_cap(budget, len(set(self.c.theme[columns].tolist())))
        place = {j: position for position, j in enumerate(kept)}
        near = [(i, j) for i in kept for j in self.c.overlapping.get(i, ())]
        rivals = [(i, j) for i in kept for j in self.rivals.get(i, ())]
        conflicts = [(place[i], place[j]) for i, j in near + rivals if j in place]
        tense = [
            (place[i], place[j])
            for i, j in self.c.tense
            if i in place and j in place and self.a.direction[i] == self.a.direction[j]
        ]
        utilities = self.c.utilities(columns)
        choice = choose(
            utilities,
            self.c.weights,
            budget=float(budget),
            conflicts=conflicts,
            themes=self.c.theme[columns],
            theme_cap=float(cap),
            tensions=tense,
            penalty=self.policy.contradiction_penalty,
            start=tuple(place[j] for j in kept if j in self.c.before.get(name, ())),
        )
        self.selections.append(Selection(name, tuple(kept), utilities, cap, choice))
        return [kept[position] for position in choice.members], cap

    def _settle_left_out(
        self, kept: Sequence[int], chosen: Sequence[int], *, cap: int, code: str
    ) -> None:
        held = np.bincount(self.c.theme[list(chosen)], minlength=1) if chosen else np.zeros(1)
        for j in kept:
            if j in self.decided:
                continue
            twin = self._twin(j, self.c.similar)
            near = self._twin(j, self.c.overlapping)
            theme = int(self.c.theme[j])
            if twin is not None:
                self.decided[j] = self._represented(j, twin)
            elif (rival := self._rival(j)) is not None:
                contradicts = "contradicts" if code == "budget" else "voice_contradicts"
                self.decided[j] = replace(self._not_adopted(j, contradicts), other=rival)
            elif near is not None:
                overlaps = "overlaps" if code == "budget" else "voice_overlaps"
                self.decided[j] = replace(self._not_adopted(j, overlaps), other=near)
            elif code == "budget" and 0 <= theme < held.size and held[theme] >= cap:
                self.decided[j] = self._not_adopted(j, "theme_full")
            else:
                self.decided[j] = self._not_adopted(j, code)

    def _one_per_family(self, members: Iterable[int]) -> list[int]:
        """The best-measured claim of each family and direction; the rest are represented by it.

        Words that a person let others stand for give way, however many answered them.
        """
        held: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for j in members:
            held[int(self.c.family[j]), int(self.a.direction[j])].append(j)
        kept = []
        for relatives in held.values():
            best = max(relatives, key=self._precedence)
            kept.append(best)
            for j in relatives:
                if j != best:
                    self.decided[j] = self._represented(j, best)
        return sorted(kept, key=lambda j: (-int(self.c.seen[j]), j))

    def _precedence(self, j: int) -> tuple[bool, int, bool, int]:
        return j not in self.c.folded, int(self.c.seen[j]), j == self.c.family[j], -j

    def _twin(self, j: int, near: Mapping[int, Sequence[int]]) -> int | None:
        """The nearest claim of common ground or voice: what divides people stands for nobody."""
        for i in near.get(j, ()):
            decision = self.decided.get(i)
            if decision is not None and decision.tier in (Tier.COMMON_GROUND, Tier.VOICE):
                return i
        return None

    def _binding(self, pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
        """Claims and those they cannot stand beside: people take both the same way.

        Where most agree with one and disagree with the other, both point one way.
        """
        held: defaultdict[int, list[int]] = defaultdict(list)
        for i, j in pairs:
            if self.a.direction[i] == self.a.direction[j]:
                held[i].append(j)
                held[j].append(i)
        return held

    def _rival(self, j: int) -> int | None:
        """The first claim adopted, or chosen as a voice, that this one contradicts."""
        for i in self.rivals.get(j, ()):
            decision = self.decided.get(i)
            if decision is not None and (
                decision.status is Status.ADOPTED or decision.tier is Tier.VOICE
            ):
                return i
        return None

    def _resolved(self, decision: Decision) -> Decision:
        """The decision with a chain of representation followed to its end."""
        while decision.other is not None and decision.code not in _NO_REPETITION:
            further = self.decided[decision.other]
            if further.other is None or further.code in _NO_REPETITION:
                break
            decision = replace(decision, other=further.other)
        return decision

    def _represented(self, j: int, other: int) -> Decision:
        return replace(self._not_adopted(j, "represented_by"), other=other)

    def _no_norm(self, j: int) -> Decision:
        return self._not_adopted(j, "unclear_norm" if self.c.is_norm[j] is None else "not_a_norm")

    def _reason(self, j: int) -> str:
        """Why a claim that no budget considered stays out."""
        reason = self.a.reason[j]
        if reason in _TOO_LITTLE:
            return str(reason)
        if self.a.direction[j] < 0:
            return "more_oppose"
        if reason is None:
            return "unclear_norm" if self.c.is_norm[j] is None else "not_a_norm"
        return reason

    def _not_adopted(self, j: int, code: str) -> Decision:
        group = int(self.a.opposing_group[j]) if code == "group_opposes" else None
        return Decision(Status.NOT_ADOPTED, Tier.NONE, None, code, group=group)

    def _weigh(self) -> None:
        """Give every adopted clause its share of priority."""
        adopted = sorted(j for j, d in self.decided.items() if d.status is Status.ADOPTED)
        if not adopted:
            return
        result = priority(
            self.c.utilities(np.array(adopted, dtype=np.int64)),
            self.c.weights,
            floor=self.policy.weight_floor,
            tol=WEIGHT_TOLERANCE,
        )
        for j, weight in zip(adopted, result.p, strict=True):
            self.decided[j] = replace(self.decided[j], weight=float(weight))
