"""The report on coordinated attacks that an organizer can run on her own consultation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aggregation.robust.attack import AttackOutcome, ListOutcome, attack, require_share
from aggregation.robust.fakes import Goal, Mode
from aggregation.robust.least import LeastAttack, least_attacks
from aggregation.robust.worlds import clean_world
from aggregation.tiers import Policy
from aggregation.votes import VoteTable

SHARES = (0.01, 0.05, 0.10)
WEAKEST = 5  # clauses named in the report
TITLES: dict[Goal, str] = {
    "bury": "To bury: votes against the claims with the broadest agreement",
    "topple": "To topple: votes against the clauses nearest to losing their MUST or SHOULD",
    "promote": "To promote: votes for claims that about half agree with",
}
# Who chooses what a fake votes on, and whether only served votes count.
SETTINGS: tuple[tuple[Mode, bool], ...] = (
    ("self_selected", False),
    ("self_selected", True),
    ("served_only", True),
)
WHO = {
    ("self_selected", False): "the fakes, all votes count",
    ("self_selected", True): "the fakes, served votes count",
    ("served_only", True): "the platform",
}
HEADINGS = {
    "must": "MUST",
    "common_ground": "MUST or SHOULD",
    "majority": "majority top 20",
    "polis": "Polis top 20",
}


@dataclass(frozen=True)
class AttackReport:
    """Every attack that was simulated on one consultation.

    people : with at least one served vote; outcomes : by goal, share, and who chooses
    least : the least attack on each clause with a MUST or SHOULD, in table order
    """

    people: int
    claims: int
    seed: int
    outcomes: tuple[AttackOutcome, ...]
    least: tuple[LeastAttack, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def lines(self) -> tuple[str, ...]:
        """The report in words and two tables, ready to print."""
        return (
            f"{self.people} people voted on {self.claims} claims. Fake participants were added "
            "who vote for their goal on their targets,",
            "and like an average person elsewhere. The tables count the targets that the fakes "
            "moved out of a list, or into it.",
            *(line for goal in TITLES for line in self._table(goal)),
            "",
            *self._conclusions(),
        )

    def _table(self, goal: Goal) -> list[str]:
        rows = [("fakes", "who chooses what they vote on", *HEADINGS.values(), "groups")]
        for one in self.outcomes:
            if one.goal == goal:
                moved = (_moved(one.of(name)) for name in HEADINGS)
                groups = f"{one.groups_before} -> {one.groups_after}"
                who = WHO[one.mode, one.served_rule]
                rows.append((f"{one.share:.0%} ({one.fakes})", who, *moved, groups))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        cells = (zip(row, widths, strict=True) for row in rows)
        return [
            "",
            TITLES[goal],
            *("  ".join(f"{t:<{w}}" for t, w in row).rstrip() for row in cells),
        ]

    def _conclusions(self) -> list[str]:
        told = []
        for one in self.outcomes:
            if (one.mode, one.goal) == ("served_only", "topple"):
                told.append(
                    f"Where the platform chooses, {one.share:.0%} fakes who mean to topple cost "
                    f"{len(one.lost)} of {one.of('common_ground').before} clauses their MUST or "
                    f"SHOULD, weaken {len(one.weakened)} and add {len(one.gained)}."
                )
        weak = sorted(
            (one.additions, place, one)
            for place, one in enumerate(self.least)
            if one.additions is not None
        )
        if weak:
            few = ", ".join(f"{one.claim} ({additions})" for additions, _, one in weak[:WEAKEST])
            told.append(
                "Fewest newcomers against, all asked about it, that cost a clause its strength: "
                f"{few}."
            )
        return told


def policy_of(document: Mapping[str, Any]) -> Policy:
    """The policy that a spec was made by, with groups as its run formed them.

    In a small crowd a group had to be larger than the policy asks, so that it could be told of; by
    the policy alone smaller groups would come up here and veto clauses that the spec has.
    """
    method = document["method"]
    return Policy.from_dict(method["policy"] | {"min_group_mass": method["groups"]["min_mass"]})


def attack_report(
    votes: VoteTable, policy: Policy, *, shares: Sequence[float] = SHARES, seed: int = 0
) -> AttackReport:
    """Simulate attacks of every size, goal and kind on these votes over claims.

    policy : of a spec that is attacked, `policy_of` its document
    shares : fakes for each real participant, each above 0 and below 1

    The same votes, policy, shares and seed give the same report. Raises AggregationInputError on
    a share outside its range.
    """
    for share in shares:
        require_share(share)
    worlds = {
        rule: clean_world(votes, policy, served_rule=rule, seed=seed) for rule in (False, True)
    }
    outcomes = tuple(
        attack(
            worlds[served_rule], policy, share=share, mode=mode, goal=goal, targets=None, seed=seed
        )
        for goal in TITLES
        for share in shares
        for mode, served_rule in SETTINGS
    )
    clean = worlds[True]
    people = len(clean.votes.participants)
    least = least_attacks(clean.support, clean.assignment, policy, participants=people)
    return AttackReport(people, votes.shape[1], seed, outcomes, least)


def _moved(one: ListOutcome) -> str:
    return f"{one.hit} of {one.at_stake}" if one.at_stake else "-"
