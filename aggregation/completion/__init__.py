"""Estimates of the answers nobody gave: a low-rank logistic model of agree against disagree.

Estimates order what is shown and selected. They never count as anybody's vote.

Reading order: `model` (what is estimated, and how surely), `ascent` (how one rank is fitted, in
full), `fitting` (rank, earlier fits and texts), `heldout` (how good it is on answers not seen).
"""

from aggregation.completion.fitting import fit
from aggregation.completion.heldout import HeldOut, HeldOutGroup, heldout_report
from aggregation.completion.model import Completion

__all__ = ["Completion", "HeldOut", "HeldOutGroup", "fit", "heldout_report"]
