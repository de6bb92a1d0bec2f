"""The certificates of a document: what was chosen, how good it is, what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aggregation.sensitivity import RuleOutcome
from aggregation.spec import words
from aggregation.spec.clauses import rounded
from aggregation.spec.findings import Contested, Findings, SelectionCertificate

Part = dict[str, Any]


def certificates(f: Findings, ids: Sequence[str], sections: Sequence[str]) -> Part:
    """All proofs, with clauses and themes by their ids."""
    return {
        "groups": {
            "silhouette": rounded(f.grouping.silhouette),
            "order": list(f.grouping.order),
        },
        "completion": _completion(f),
        "selections": [_selection(one, ids, sections) for one in f.certificates],
        "contested": None if f.contested is None else _contested(f.contested, ids),
        "weights": {
            "residual": None if f.shares.residual is None else rounded(f.shares.residual),
            "unrepresented": f.shares.unrepresented,
            "silent": f.shares.silent,
        },
    }


def rules_kept(selections: Sequence[SelectionCertificate]) -> dict[int, dict[str, int]]:
    """For each candidate, how many of the compared rules choose it."""
    return {
        j: {"kept": sum(j in one.chosen for one in found.rules), "of": len(found.rules)}
        for found in selections
        for j in found.candidates
    }


def _selection(c: SelectionCertificate, ids: Sequence[str], sections: Sequence[str]) -> Part:
    return {
        "budget": c.budget,
        "candidates": len(c.candidates),
        "chosen": len(c.chosen),
        "limit": c.limit,
        "theme_cap": c.theme_cap,
        "value": rounded(c.value),
        "upper_bound": rounded(c.upper_bound),
        "integrality_gap": rounded(c.upper_bound - c.value),
        "gap": rounded(c.gap),
        "tolerance": c.tolerance,
        "swaps": c.swaps,
        "inclusion": [
            {"clause": ids[j], "x": float(share)}
            for j, share in zip(c.candidates, c.x, strict=True)
        ],
        "prices": [
            {"constraint": _constraint(name, c, ids, sections), "nash": nash, "harmonic": harmonic}
            for name, nash, harmonic in c.prices
        ],
        "conflicts": [[ids[a], ids[b]] for a, b in c.conflicts],
        "tensions": [[ids[a], ids[b]] for a, b in c.tensions],
        "penalty": c.penalty,
        "lost": rounded(c.lost),
        "ejr_plus": {
            "holds": c.ejr_plus.holds,
            "worst": rounded(c.ejr_plus.worst),
            "clause": None if c.ejr_plus.claim is None else ids[c.ejr_plus.claim],
        },
        "stability": {"removed": c.removed, "bound": rounded(c.bound)},
        "sensitivity": {
            "rules": [_rule(one, ids) for one in c.rules],
            "survivors": [ids[j] for j in c.survivors],
        },
    }


def _constraint(
    name: str, c: SelectionCertificate, ids: Sequence[str], sections: Sequence[str]
) -> str:
    """A row of the problem, with clauses and themes by their ids."""
    kind, *numbers = name.split(":")
    if kind == "theme":
        return f"theme:{sections[int(numbers[0])]}"
    if kind in ("conflict", "tension"):
        return ":".join([kind, *(ids[c.candidates[int(number)]] for number in numbers)])
    return name


def _rule(one: RuleOutcome, ids: Sequence[str]) -> Part:
    return {
        "rule": one.rule,
        "chosen": [ids[j] for j in one.chosen],
        "shared": one.shared,
        "mean": rounded(one.mean),
        "p10": rounded(one.p10),
        "least_group": None if one.least_group is None else rounded(one.least_group),
        "unheard": rounded(one.unheard),
        "ejr_plus": rounded(one.ejr_plus),
    }


def _contested(c: Contested, ids: Sequence[str]) -> Part:
    return {
        "candidates": c.candidates,
        "seats": c.seats,
        "people": c.people,
        "rules": [_rule(one, ids) for one in c.rules],
        "survivors": [ids[j] for j in c.survivors],
    }


def _completion(f: Findings) -> Part | None:
    found = f.estimates.heldout
    if found is None:
        return None
    return {
        "rank": f.estimates.rank,
        "tried": [{"rank": r, "log_loss": rounded(loss)} for r, loss in f.estimates.tried],
        "votes": found.votes,
        "log_loss": rounded(found.log_loss),
        "auc": rounded(found.auc),
        "ece": rounded(found.ece),
        "mean_log_loss": rounded(found.mean_log_loss),
        "mean_auc": rounded(found.mean_auc),
        "groups": [
            {
                "group": words.group_name(one.group),
                "votes": one.votes,
                "log_loss": rounded(one.log_loss),
                "auc": None if one.auc is None else rounded(one.auc),
                "ece": rounded(one.ece),
            }
            for one in found.groups
        ],
    }
