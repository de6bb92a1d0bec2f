"""Checks that need numpy alone: anyone can recompute a spec's numbers without a solver.

Nothing here calls the code it checks; the formulas are written out a second time.
Reading order: `margins` (thresholds), `optimum` (the welfare programme), `committees` (whole sets).
"""

from aggregation.certify.committees import ejr_plus
from aggregation.certify.margins import (
    ThresholdMargin,
    clause_margin,
    threshold_margin,
    wilson_lower,
)
from aggregation.certify.optimum import gap

__all__ = [
    "ThresholdMargin",
    "clause_margin",
    "ejr_plus",
    "gap",
    "threshold_margin",
    "wilson_lower",
]
