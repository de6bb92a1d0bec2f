"""How good the estimates are, and how near the weights are to the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from aggregation.certify.checks.outline import Outline, group_name
from aggregation.certify.recompute import choices, estimates
from aggregation.certify.stated import Check, agreement, holds

APPROVED = 0.5  # a utility above it is an approval
ROUNDED = 5.1e-7  # at most this much of each weight is lost in print


def completion(outline: Outline) -> Iterator[Check]:
    """The rank that was chosen, and how well hidden answers were predicted."""
    again, p = outline.again, outline.parameters
    stated = outline.document["certificates"]["completion"]
    cells = again.cells
    rank, tried = again.kept("ranks", lambda: estimates.ranks_tried(cells, seed=p.completion_seed))
    yield agreement(outline.document["method"]["completion"]["rank"], rank)
    found = again.kept(
        "heldout",
        lambda: estimates.report(cells, again.crowd.labels, rank=p.rank, seed=p.completion_seed),
    )
    if found is None:
        yield agreement(stated, None)
        return
    expected = {
        "rank": p.rank,
        "tried": [{"rank": one, "log_loss": loss} for one, loss in tried],
        **asdict(found.model),
        "mean_log_loss": found.mean.log_loss,
        "mean_auc": found.mean.auc,
        "groups": [{"group": group_name(g), **asdict(quality)} for g, quality in found.groups],
    }
    yield agreement(stated, expected)


def weights(outline: Outline) -> Iterator[Check]:
    """Adopted clauses share one unit of priority, as near to the best as is stated."""
    again, stated = outline.again, outline.document["certificates"]["weights"]
    adopted = sorted((c for c in outline.clauses if c.status == "adopted"), key=lambda c: c.column)
    for clause in outline.clauses:
        if clause.status != "adopted":
            yield agreement(clause.node["weight"], None)
    if not adopted:
        yield agreement(stated["residual"], None)
        yield agreement(stated["unrepresented"], again.served.n)
        yield agreement(stated["silent"], again.served.n)
        return
    p = tuple(clause.node["weight"].number(low=0.0, high=1.0) for clause in adopted)
    total, near = sum(p), ROUNDED * len(p)
    yield holds("clauses.weight", abs(total - 1) <= near, stated=total, rule="1 in all")
    columns = tuple(clause.column for clause in adopted)
    values = again.utilities(columns)
    residual, silent = again.kept(
        ("weights", columns, p),
        lambda: choices.weights_residual(
            values, np.array(p), floor=outline.parameters.policy.weight_floor
        ),
    )
    yield agreement(stated["residual"], residual)
    yield agreement(stated["silent"], silent)
    best = values.max(axis=1)
    yield agreement(stated["unrepresented"], int((best <= APPROVED).sum()))
