"""Checks that need numpy alone: anyone can recompute a spec's numbers without a solver.

Nothing here calls the code it checks; the formulas are written out a second time.
Reading order: `margins` (thresholds), `harmonics` (the score of whole sets), `optimum` (the welfare
programme), `committees` (whole sets), `removal` (people who leave), `priority` (weights), then
`recompute` (a spec's figures from its votes), `checks` (figure by figure) and `verify` (all of it).
"""

from aggregation.certify.committees import ejr_plus, swap_margins
from aggregation.certify.harmonics import harmonic, harmonic_slope
from aggregation.certify.margins import (
    ClauseMargin,
    ThresholdMargin,
    clause_margins,
    least_attack,
    threshold_margin,
    wilson_lower,
)
from aggregation.certify.optimum import gap, harmonic_bound
from aggregation.certify.priority import priority_residual
from aggregation.certify.removal import removal_shift, stability_bound
from aggregation.certify.stated import Check
from aggregation.certify.verify import verify

__all__ = [
    "Check",
    "ClauseMargin",
    "ThresholdMargin",
    "clause_margins",
    "ejr_plus",
    "gap",
    "harmonic",
    "harmonic_bound",
    "harmonic_slope",
    "least_attack",
    "priority_residual",
    "removal_shift",
    "stability_bound",
    "swap_margins",
    "threshold_margin",
    "verify",
    "wilson_lower",
]
