"""The steps of an analysis in words: what each does, and what a failure in it usually means."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregation.run import STAGES

PICTURES = "pictures"
# What the library computes, and then what pages show of it.
STEPS = (*STAGES, PICTURES)
LABELS: dict[str, Promise] = {
    "read": _("Reading statements and answers"),
    "embed": _("Comparing what sentences mean"),
    "cluster": _("Grouping sentences by theme"),
    "groups": _("Finding people who react alike"),
    "completion": _("Estimating answers not given (for ordering only)"),
    "tiers": _("Measuring support, overall and per group"),
    "select": _("Choosing clauses that represent the most people"),
    "stability": _("Checking how stable the result is"),
    "certify": _("Proving what was chosen, and asking other rules"),
    "compose": _("Writing the spec"),
    PICTURES: _("Drawing the pictures"),
}
REMEDIES: dict[str, Promise] = {
    "read": _(
        "Something in the statements or the answers could not be read. Look at what was imported "
        "or written last."
    ),
    "embed": _(
        "The language model could not compare the sentences. Whoever runs this installation can "
        "see whether the model is there and answers."
    ),
}
REMEDY: Promise = _(
    "This is a fault in the computation, not in what people wrote. Whoever runs this installation "
    "finds more in the log of the worker."
)
STOPPED: Promise = _(
    "The worker was stopped again and again while it computed; too little memory is the usual "
    "cause. Whoever runs this installation finds more in its log."
)


def step_label(name: str) -> str:
    """What a step of the analysis does, in the reader's language."""
    return str(LABELS[name]) if name in LABELS else name.capitalize()


def remedy(step: str | None) -> str:
    """What usually helps when a run failed in this step; None where its worker was stopped."""
    return str(STOPPED if step is None else REMEDIES.get(step, REMEDY))
