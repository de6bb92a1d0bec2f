"""How sure an outcome is: against the chance of who took part, and against people who cheat."""

from aggregation.robust.attack import AttackOutcome, ListOutcome, coordinated_attack
from aggregation.robust.bootstrap import stability
from aggregation.robust.least import LeastAttack, least_attacks
from aggregation.robust.report import AttackReport, attack_report, policy_of
from aggregation.robust.selection import selection_frequency

__all__ = [
    "AttackOutcome",
    "AttackReport",
    "LeastAttack",
    "ListOutcome",
    "attack_report",
    "coordinated_attack",
    "least_attacks",
    "policy_of",
    "selection_frequency",
    "stability",
]
