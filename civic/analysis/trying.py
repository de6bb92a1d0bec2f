"""Another policy tried on a finished run: what comes in, what goes out, and who is served worst.

Nothing is stored. The run's own answers are settled anew by `aggregation.whatif`; without a change
the result is the run's own, exactly.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from aggregation import whatif
from aggregation.spec.findings import Decision
from aggregation.spec.words import group_name
from aggregation.tiers import Policy
from aggregation.types import Tier
from civic.analysis.exploring import KEPT, STATUSES, Found, Sentence, basis_in, is_kept
from civic.analysis.forms import RunForm
from civic.analysis.models import Run
from civic.analysis.rules import RULES, Setting

MOST = 30_000_000  # people times sentences; beyond, an answer at once cannot be promised
LISTED = 12  # sentences of each list that are named
FIXED = ("seed", "min_group_mass")  # what only a whole analysis changes


class WhatIfForm(RunForm):
    """The rules that can be tried at once; `own` is the policy of the run."""

    def __init__(self, data: Any = None, *, own: Policy) -> None:
        self.own = own.to_dict()
        super().__init__(data)
        for name in FIXED:
            del self.fields[name]
        for name, field in self.fields.items():
            entered = RULES[name].entered(self.own[name])
            field.initial = int(entered) if float(entered).is_integer() else entered
            field.widget.attrs["data-usual"] = str(field.initial)

    def policy(self) -> dict[str, Any]:
        """Every rule as asked for; one that was left alone stays as it is to the last digit."""
        return {
            name: self.own[name]
            if self.cleaned_data[name] == RULES[name].entered(self.own[name])
            else RULES[name].stored(self.cleaned_data[name])
            for name in self.fields
            if name in self.cleaned_data
        }


@dataclass(frozen=True, eq=False)
class Move:
    """One sentence that comes in or goes out, with the reason code of where it stands now."""

    sentence: Sentence
    code: str
    other: Sentence | None


@dataclass(frozen=True)
class Share:
    """How much of the common ground the people of a group side with; None where there is none."""

    group: str
    before: float | None
    after: float | None


@dataclass(frozen=True, eq=False)
class Tried:
    """A policy against the run's own.

    changed : the rules that differ, each with its value now and before
    counts : (status, before, after); broad : sentences with support enough for common ground
    lists : moves into and out of the common ground and the voices, by name
    stronger, weaker : clauses of both whose MUST and SHOULD differ
    """

    changed: list[tuple[Setting, str]]
    counts: list[tuple[str, int, int]]
    broad: tuple[int, int]
    adopted: tuple[int, int]
    room: int
    lists: dict[str, list[Move]]
    stronger: int
    weaker: int
    shares: list[Share]
    unheard: tuple[float, float]

    @property
    def worst(self) -> Share | None:
        """The group that is served worst now."""
        served = [one for one in self.shares if one.after is not None]
        return min(served, key=lambda one: (one.after or 0.0, one.group), default=None)

    @property
    def no_room(self) -> int:
        """Broadly supported sentences that are not chosen."""
        return self.broad[1] - self.adopted[1]

    @property
    def is_same(self) -> bool:
        """Every sentence stands where it stood."""
        moved = any(self.lists.values()) or self.stronger or self.weaker
        return not moved and all(before == after for _status, before, after in self.counts)


def is_small_enough(run: Run) -> bool:
    """Whether a policy can be tried on the run while somebody waits."""
    if not is_kept(run.basis_file):
        return False
    basis = basis_in(run.basis_file)
    return len(basis.candidates.weights) * len(basis.claims) <= MOST


def tried(run: Run, found: Found, policy: Policy) -> Tried:
    """The policy on the answers of the run; raises what `whatif.settle` raises."""
    basis = basis_in(run.basis_file)
    before, after = _own(run.basis_file), whatif.settle(basis, policy)
    by_key = {one.key: one for one in found.sentences}
    names = [by_key.get(claim) for claim in basis.claims]
    return Tried(
        changed=_changed(basis.policy, policy),
        counts=_counts(before.decisions, after.decisions),
        broad=(int(before.broad.sum()), int(after.broad.sum())),
        adopted=(len(before.adopted), len(after.adopted)),
        room=policy.common_budget,
        lists=_lists(before.decisions, after.decisions, names),
        stronger=_bound(before.decisions, after.decisions, ("should", "must")),
        weaker=_bound(before.decisions, after.decisions, ("must", "should")),
        shares=[
            Share(group_name(g), _number(was), _number(now))
            for g, (was, now) in enumerate(zip(before.served, after.served, strict=True))
        ],
        unheard=(before.unheard, after.unheard),
    )


@lru_cache(maxsize=KEPT)
def _own(name: str) -> whatif.Settled:
    """What the run itself decided."""
    basis = basis_in(name)
    return whatif.settle(basis, basis.policy)


def _changed(own: Policy, policy: Policy) -> list[tuple[Setting, str]]:
    was, now = own.to_dict(), policy.to_dict()
    return [
        (Setting(rule, now[name]), rule.told(was[name]))
        for name, rule in RULES.items()
        if was[name] != now[name]
    ]


def _counts(
    before: tuple[Decision, ...], after: tuple[Decision, ...]
) -> list[tuple[str, int, int]]:
    was, now = (Counter(one.status.value for one in given) for given in (before, after))
    return [(status, was[status], now[status]) for status in STATUSES]


def _lists(
    before: tuple[Decision, ...], after: tuple[Decision, ...], names: list[Sentence | None]
) -> dict[str, list[Move]]:
    """Common ground in and out, voices in and out; best supported first."""
    lists: dict[str, list[Move]] = {"in": [], "out": [], "voice_in": [], "voice_out": []}
    for was, now, one in zip(before, after, names, strict=True):
        if one is None:
            continue
        other = None if now.other is None else names[now.other]
        for tier, prefix in ((_common, ""), (_voice, "voice_")):
            if tier(was) != tier(now):
                lists[f"{prefix}{'in' if tier(now) else 'out'}"].append(Move(one, now.code, other))
    for moves in lists.values():
        moves.sort(key=lambda move: -(move.sentence.low or 0.0))
    return lists


def _common(one: Decision) -> bool:
    return one.status.value == "adopted"


def _voice(one: Decision) -> bool:
    return one.tier is Tier.VOICE


def _bound(
    before: tuple[Decision, ...], after: tuple[Decision, ...], change: tuple[str, str]
) -> int:
    """How many adopted clauses change their strength like this."""
    return sum(
        _common(was) and _common(now) and (was.strength, now.strength) == change
        for was, now in zip(before, after, strict=True)
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def link_of(policy: Policy) -> list[tuple[str, str]]:
    """The policy as parts of an address that starts an analysis: rules that are not the usual."""
    given = policy.to_dict()
    return [
        (f"policy.{name}", f"{given[name]}")
        for name, rule in RULES.items()
        if given[name] != rule.usual
    ]
