"""What differs between two results: what went in, how it was judged, and which clauses moved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from civic.analysis.models import Run
from civic.analysis.rules import RULES
from civic.consultations import files

Document = dict[str, Any]
Clause = dict[str, Any]
Kind = Literal["added", "removed", "changed"]

IN_THE_SPEC = ("adopted", "provisional", "contested")
KINDS: tuple[Kind, ...] = ("added", "removed", "changed")


@dataclass(frozen=True)
class Row:
    """One figure in both results."""

    label: Any
    before: Any
    after: Any

    @property
    def differs(self) -> bool:
        return bool(self.before != self.after)


@dataclass(frozen=True)
class Move:
    """One clause that does not stand where it stood.

    kind : added to the spec, removed from it, or changed in it (status, strength or words)
    before, after : the clause in each result, None where a result does not have it at all
    """

    kind: Kind
    before: Clause | None
    after: Clause | None
    cause: str = ""

    @property
    def clause(self) -> Clause:
        """The newer one, where there are two."""
        return self.after or self.before or {}

    @property
    def is_reworded(self) -> bool:
        """Whether other words stand for the same claim."""
        before, after = self.before, self.after
        return before is not None and after is not None and before["text"] != after["text"]


@dataclass(frozen=True)
class Comparison:
    """Two results side by side."""

    inputs: list[Row]
    rules: list[Row]
    groups: list[Row]
    statuses: list[Row]
    moves: list[Move]
    unchanged: int

    @property
    def counts(self) -> dict[str, int]:
        """How many clauses were added, removed, changed."""
        found = Counter(move.kind for move in self.moves)
        return {kind: found[kind] for kind in KINDS}

    @property
    def settings_differ(self) -> bool:
        return any(row.differs for row in self.rules)


# A document tells one cause for all of its changes; that it had no new input, only both tell.
OTHER_SETTINGS = gettext_noop("other settings; what went in is the same")
INPUTS: dict[str, Promise] = {
    "participants": _("People who answered"),
    "statements": _("Statements"),
    "claims": _("Sentences analysed"),
    "reactions": _("Answers counted"),
    "reactions_not_served": _("Answers not counted, as nobody had asked for them"),
}


def document_of(run: Run) -> Document | None:
    """What a finished run found; None where it kept no file."""
    return json.loads(files.read(run.outcome_file)) if run.outcome_file else None


def compare(before: Document, after: Document) -> Comparison:
    """Two spec documents of one consultation, whichever versions they have."""
    moves, unchanged = moves_between(before, after)
    return Comparison(
        inputs=[
            Row(label, before["population"][name], after["population"][name])
            for name, label in INPUTS.items()
        ],
        rules=_rules(before["method"], after["method"]),
        groups=_groups(before["groups"], after["groups"]),
        statuses=_statuses(before["clauses"], after["clauses"]),
        moves=moves,
        unchanged=unchanged,
    )


def moves_between(before: Document, after: Document) -> tuple[list[Move], int]:
    """Clauses whose place in the spec differs, and how many of the spec's stand as they stood.

    A clause is the same if it is made of the same claim. What neither spec adopts is no move.
    """
    causes = {change["clause"]: change["cause"] for change in after["changes"]}
    if same_input(before, after):
        causes = dict.fromkeys(causes, OTHER_SETTINGS)
    old = {clause["claim"]: clause for clause in before["clauses"]}
    new = {clause["claim"]: clause for clause in after["clauses"]}
    moves, unchanged = [], 0
    for claim in [*new, *(claim for claim in old if claim not in new)]:
        was, now = old.get(claim), new.get(claim)
        kind = _kind(was, now)
        if kind is None:
            unchanged += _stands(now)
            continue
        name = (now or was or {})["id"]
        moves.append(Move(kind, was, now, cause=causes.get(name, "")))
    return sorted(moves, key=lambda move: KINDS.index(move.kind)), unchanged


def same_input(before: Document, after: Document) -> bool:
    """Whether both were made from the same statements and the same votes."""
    digests = [
        [one["provenance"][name] for name in ("corpus_digest", "votes_digest")]
        for one in (before, after)
    ]
    return digests[0] == digests[1]


def _kind(was: Clause | None, now: Clause | None) -> Kind | None:
    if not _stands(was):
        return "added" if _stands(now) else None
    if was is None or now is None or not _stands(now):
        return "removed"
    same = all(was[name] == now[name] for name in ("status", "modality", "stance", "text"))
    return None if same else "changed"


def _stands(clause: Clause | None) -> bool:
    return clause is not None and clause["status"] in IN_THE_SPEC


def _rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    rows = [
        Row(
            rule.label,
            rule.told(before["policy"].get(name, rule.usual)),
            rule.told(after["policy"].get(name, rule.usual)),
        )
        for name, rule in RULES.items()
    ]
    rows.append(Row(_("Seed"), before["seed"], after["seed"]))
    rows.append(Row(_("Language model"), _model(before), _model(after)))
    rows.append(Row(_("Version of the program"), before["code_version"], after["code_version"]))
    return rows


def _model(method: Mapping[str, Any]) -> str:
    return str(method["embedding"]["name"])


def _groups(before: list[Document], after: list[Document]) -> list[Row]:
    """Sizes by letter. Letters go by size, or follow the version before: people may have moved."""
    old = {group["id"]: group["size"] for group in before}
    new = {group["id"]: group["size"] for group in after}
    return [Row(name, old.get(name), new.get(name)) for name in sorted(old | new)]


def _statuses(before: list[Clause], after: list[Clause]) -> list[Row]:
    old, new = (Counter(clause["status"] for clause in one) for one in (before, after))
    return [Row(name, old[name], new[name]) for name in (*IN_THE_SPEC, "not_adopted")]
