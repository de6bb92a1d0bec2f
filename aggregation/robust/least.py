"""The least crowd that could take a clause's strength away, clause by clause."""

from __future__ import annotations

from dataclasses import dataclass

from aggregation.certify import clause_margins
from aggregation.certify import least_attack as least_share
from aggregation.opinion import Support
from aggregation.tiers import Assignment, Policy, Strength


@dataclass(frozen=True)
class LeastAttack:
    """The fewest newcomers against a clause after whom it has its strength no longer.

    additions : newcomers; share : of all participants, newcomers included. Both None where no
    number suffices.
    """

    claim: str
    strength: Strength
    additions: int | None
    share: float | None


def least_attacks(
    support: Support, assignment: Assignment, policy: Policy, *, participants: int
) -> tuple[LeastAttack, ...]:
    """For every claim that is common ground, in table order: the least attack that changes it.

    participants : how many people took part

    All newcomers are taken to be asked about this claim and to count where it is weakest, over
    everybody or in one group, and groups to stay as they are. A crowd that answers only what it is
    served needs many more.
    """
    found = []
    for claim, strength in enumerate(assignment.strength):
        if strength is not None:
            margin = clause_margins(support, assignment, policy, claim)
            share = least_share(margin, participants)
            name = support.statements[claim]
            found.append(LeastAttack(name, strength, margin.additions, share))
    return tuple(found)
