"""What if the policy were another? The same answers settled anew, at once, with nothing estimated.

A policy decides after everything else: who reacts alike, what the claims say and how likely answers
that nobody gave are do not depend on it. A run keeps these as its `Basis`; `settle` then gives what
a whole run under another policy would decide, and under the run's own policy exactly what it did.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aggregation import tiers
from aggregation.completion import Completion
from aggregation.decide import Candidates, decide
from aggregation.errors import AggregationInputError
from aggregation.opinion import Groups, Support
from aggregation.positions import Positions
from aggregation.spec.findings import Decision
from aggregation.tiers import Policy
from aggregation.types import BoolArray, FloatArray, IntArray, Tier
from aggregation.votes import VoteTable

FIXED = ("version", "min_group_mass")  # what the basis was made with: only a whole run changes it
APPROVES = 0.5  # siding with a clause by more than this is approval

_OWN = ("seen", "family", "theme", "leading")  # arrays of `Candidates` that no other part holds
_COUNTS = ("agree", "disagree", "seen", "agree_all", "disagree_all", "seen_all")
_MODEL = ("person", "statement", "person_covariance", "statement_covariance")


@dataclass(frozen=True, eq=False)
class Basis:
    """What a policy is applied to: m claims, by id, and where n people stand on them.

    policy : the run's own
    candidates : its `utilities` are those of `positions`
    held (m,): strengths in the version before, as for `tiers.assign`
    """

    claims: tuple[str, ...]
    policy: Policy
    positions: Positions
    candidates: Candidates
    held: tuple[tiers.Strength | None, ...]


@dataclass(frozen=True, eq=False)
class Settled:
    """What becomes of every claim under one policy.

    broad (m,): the counts alone make it common ground, before any room is given out
    adopted : how many clauses are common ground
    served (k,): how much of them the people of each group side with, on average; NaN for none
    unheard : share of everybody who approves no adopted clause
    """

    decisions: tuple[Decision, ...]
    broad: BoolArray
    adopted: tuple[int, ...]
    served: FloatArray
    unheard: float


def settle(basis: Basis, policy: Policy) -> Settled:
    """Decide on every claim by this policy, everything else as in the run.

    Raises AggregationInputError where the policy differs in a field of FIXED: groups would be
    others; NotCertified where a programme is not solved.
    """
    for name in FIXED:
        given, own = getattr(policy, name), getattr(basis.policy, name)
        if given != own:
            raise AggregationInputError(
                f"policy field {name}: this needs a whole run; here it stays {own!r}."
            )
    support = basis.positions.support
    assignment = tiers.assign(support, policy, held=basis.held)
    found = decide(assignment, basis.candidates, policy=policy)
    adopted: tuple[int, ...] = ()
    siding = np.zeros((len(basis.candidates.weights), 0))
    for one in found.selections:
        if one.budget == Tier.COMMON_GROUND.value:
            places = list(one.choice.members)
            adopted = tuple(one.claims[place] for place in places)
            siding = one.utilities[:, places]
    return Settled(
        decisions=found.decisions,
        broad=np.array([strength is not None for strength in assignment.strength], dtype=bool),
        adopted=adopted,
        served=_served(siding, basis.positions.groups),
        unheard=float(np.mean(~(siding > APPROVES).any(axis=1))) if len(siding) else 0.0,
    )


def heard(basis: Basis, theme: IntArray) -> tuple[IntArray, IntArray]:
    """(t,) how many people gave a counted answer in each theme, and how many answers they gave.

    theme (m,): the number of each claim's theme, 0..t-1, or -1
    """
    served = basis.positions.served
    of_answer = theme[served.columns]
    given = of_answer >= 0
    count = int(theme.max(initial=-1)) + 1
    pairs = np.unique(served.rows[given] * max(count, 1) + of_answer[given])
    people = np.bincount(pairs % max(count, 1), minlength=count)
    return people, np.bincount(of_answer[given], minlength=count)


def _served(siding: FloatArray, groups: Groups) -> FloatArray:
    """(k,) mean over people and clauses."""
    if siding.shape[1] == 0:
        return np.full(groups.k, np.nan)
    share = siding.mean(axis=1)
    return np.array([share[groups.labels == group].mean() for group in range(groups.k)])


# --- as a file


def to_bytes(basis: Basis) -> bytes:
    """The basis as one file: numbers as they are, to the last bit; nobody is named."""
    places, model, c = basis.positions, basis.positions.model, basis.candidates
    votes = places.served.values
    head = {
        "claims": basis.claims,
        "policy": basis.policy.to_dict(),
        "held": basis.held,
        "mu": model.mu,
        "k": places.groups.k,
        "similar": _listed(c.similar),
        "overlapping": _listed(c.overlapping),
        "excluding": list(c.excluding),
        "tense": list(c.tense),
        "folded": sorted(c.folded),
        "is_norm": c.is_norm,
        "before": {name: sorted(claims) for name, claims in c.before.items()},
    }
    arrays: dict[str, NDArray[Any]] = {
        "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        "labels": places.groups.labels,
        "direction": places.direction,
        "weights": c.weights,
        "votes": votes.data,
        "columns": votes.indices,
        "starts": votes.indptr,
    }
    arrays |= {f"claim_{name}": getattr(c, name) for name in _OWN}
    arrays |= {f"count_{name}": getattr(places.support, name) for name in _COUNTS}
    arrays |= {f"model_{name}": getattr(model, name) for name in _MODEL}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Basis:
    """The basis in a file that `to_bytes` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    head = json.loads(arrays["head"].tobytes())
    claims, labels, k = tuple(head["claims"]), arrays["labels"], int(head["k"])
    people = tuple(str(number) for number in range(len(labels)))
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    positions = Positions(
        served=_table(arrays, people, claims),
        model=Completion(people, claims, head["mu"], *(arrays[f"model_{one}"] for one in _MODEL)),
        groups=Groups(people, labels, k, sizes, silhouette=0.0),
        support=Support(claims, *(arrays[f"count_{one}"] for one in _COUNTS)),
        direction=arrays["direction"],
    )
    candidates = Candidates(
        utilities=positions.siding,
        weights=arrays["weights"],
        **{name: arrays[f"claim_{name}"] for name in _OWN},
        similar=dict(map(_near, head["similar"])),
        overlapping=dict(map(_near, head["overlapping"])),
        excluding=[(i, j) for i, j in head["excluding"]],
        tense=[(i, j) for i, j in head["tense"]],
        folded=frozenset(head["folded"]),
        is_norm=tuple(head["is_norm"]),
        before={name: frozenset(held) for name, held in head["before"].items()},
    )
    policy = Policy.from_dict(head["policy"])
    return Basis(claims, policy, positions, candidates, tuple(head["held"]))


def changed(policy: Policy, **fields: object) -> Policy:
    """The policy with these fields changed; AggregationInputError names a bad one."""
    return Policy.from_dict(asdict(policy) | fields)


def _table(
    arrays: Mapping[str, NDArray[Any]], people: tuple[str, ...], claims: tuple[str, ...]
) -> VoteTable:
    values = sparse.csr_array(
        (arrays["votes"], arrays["columns"], arrays["starts"]), shape=(len(people), len(claims))
    )
    nothing = np.broadcast_to(np.array([np.nan]), values.data.shape)
    return VoteTable(
        participants=people,
        statements=claims,
        values=values,
        served_data=np.broadcast_to(np.array([True]), values.data.shape),
        importance_data=nothing,
        probability_data=nothing,
    )


def _listed(near: Mapping[int, Sequence[int]]) -> list[tuple[int, list[int]]]:
    return [(row, list(others)) for row, others in sorted(near.items())]


def _near(row: tuple[int, list[int]]) -> tuple[int, tuple[int, ...]]:
    return row[0], tuple(row[1])
