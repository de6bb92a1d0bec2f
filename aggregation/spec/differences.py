"""What differs between two versions of a spec, clause by clause, each change with its causes.

A clause that is the same value in both documents is unchanged: its canonical bytes are the same.
Every other clause is named with the fields that differ and with at least one cause: whatever
changed among the things that it was made of. Causes are found, not tried out: where two of them
apply, both are named, and nothing is said about which one weighed more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Document = dict[str, Any]
Clause = dict[str, Any]
Passage = tuple[str, int, int]  # statement, start, end
Kind = Literal["added", "removed", "standing", "words", "sources", "numbers", "other"]

KINDS: tuple[Kind, ...] = ("added", "removed", "standing", "words", "sources", "numbers", "other")
# What is said of a clause, by which kind of change it is; the first kind that applies names it.
FIELDS: Mapping[Kind, frozenset[str]] = {
    "standing": frozenset(
        {"status", "tier", "modality", "stance", "authority", "procedure", "reason"}
    ),
    "words": frozenset(
        {"id", "text", "language", "drafted_by", "applies_when", "exceptions", "polarity"}
    ),
    "sources": frozenset({"evidence"}),
    "numbers": frozenset(
        {"support", "weight", "margin", "stability", "opposition", "represents", "rules", "held"}
    ),
}
CAUSES = {
    "new_sentence": "the sentence is new",
    "erasure": "words were removed at the wish of whoever wrote them",
    "moderation": "a statement that it rested on was hidden by a moderator",
    "withdrawal": "a statement that it rested on was withdrawn by its author",
    "sources_added": "further passages say the same",
    "sources_removed": "passages that it rested on are not there any more",
    "joined": "sentences that say the same were put together or separated",
    "ratification": "its wording was written or ratified anew",
    "reactions": "other answers to it were counted",
    "groups": "the opinion groups are made of other people",
    "crowd": "other answers elsewhere: the crowd that was drawn anew is another one",
    "rule": "other rules or thresholds",
    "held": "what stood in the version before keeps its place at lower thresholds",
    "seed": "another seed",
    "program": "another version of the program or of the language model",
    "decisions": "people decided anew which sentences contradict each other",
    "judgements": "answers of AI systems were judged",
    "rest": "follows from changes to other clauses",
}
CAUSE_SEPARATOR = "; "  # between several causes in one text
_RULES = ("rule", "confidence", "least_cell", "bootstrap_resamples", "policy", "groups", "welfare")
# What stands among the rules and is counted or set elsewhere: other votes, or another seed.
_NO_RULES = {"groups": ("min_mass", "seed"), "welfare": ("observed_share",)}
_PROGRAM = ("code_version", "embedding", "similarity")
_MEASURED = FIELDS["standing"] | FIELDS["numbers"]


@dataclass(frozen=True)
class Figure:
    """One value of a clause that differs: its place in the clause, and what it was and is."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One clause that is not the same in both. `before` or `after` is None where it is missing."""

    kind: Kind
    before: Clause | None
    after: Clause | None
    fields: tuple[str, ...]
    causes: tuple[str, ...]  # codes of CAUSES, never none

    @property
    def clause(self) -> Clause:
        """The newer one, where there are two."""
        return self.after or self.before or {}

    @property
    def figures(self) -> list[Figure]:
        """Each single value that differs; of lists only groups, which have a name."""
        if self.before is None or self.after is None:
            return []
        return list(_figures("", self.before, self.after))


@dataclass(frozen=True)
class Difference:
    """Two documents, one beside the other; `changes` stand by kind, then in reading order."""

    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]  # ids of clauses that are the same, byte for byte
    settings: tuple[Figure, ...]
    same_input: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many changes of each kind."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in KINDS}


def difference(
    before: Document,
    after: Document,
    *,
    fates: Mapping[str, str] | None = None,
    erased_as: str | None = None,
) -> Difference:
    """What differs from `before` to `after`; a clause is known by the claim it is made of.

    fates : statement id -> cause (a code of CAUSES), for statements that are not shown any more
    erased_as : what stands in the place of words that were removed
    """
    sides = _Sides(before, after, fates or {}, erased_as)
    old = {clause["claim"]: clause for clause in before["clauses"]}
    new = {clause["claim"]: clause for clause in after["clauses"]}
    changes, unchanged = [], []
    for claim in [*new, *(claim for claim in old if claim not in new)]:
        was, now = old.get(claim), new.get(claim)
        if was == now:
            unchanged.append((now or {})["id"])
        else:
            changes.append(sides.change(was, now))
    return Difference(
        tuple(sorted(changes, key=lambda change: KINDS.index(change.kind))),
        tuple(unchanged),
        tuple(_figures("", _settings(before), _settings(after))),
        sides.same_input,
    )


class _Sides:
    """What two documents were made of, for finding causes."""

    def __init__(
        self,
        before: Document,
        after: Document,
        fates: Mapping[str, str],
        erased_as: str | None,
    ) -> None:
        self._fates, self._erased_as = fates, erased_as
        self._held = [_passages(document) for document in (before, after)]
        methods = before["method"], after["method"]
        sources = before["provenance"], after["provenance"]
        self._settings = {
            "rule": _differ(methods, _RULES),
            "seed": _differ(methods, ("seed",)),
            "program": _differ(methods, _PROGRAM),
        }
        self._votes_differ = _differ(sources, ("votes_digest",))
        self.same_input = not _differ(sources, ("corpus_digest", "votes_digest"))

    def change(self, was: Clause | None, now: Clause | None) -> Change:
        """One clause with what differs and why; exactly one side may be None."""
        if was is None or now is None:
            kind: Kind = "added" if was is None else "removed"
            return Change(kind, was, now, (), self._coming_or_going(was, now))
        fields = tuple(name for name in sorted(was | now) if was.get(name) != now.get(name))
        kind = next((one for one in FIELDS if FIELDS[one] & set(fields)), "other")
        causes = self._causes(was, now, set(fields))
        return Change(kind, was, now, fields, tuple(one for one in CAUSES if one in causes))

    def _coming_or_going(self, was: Clause | None, now: Clause | None) -> tuple[str, ...]:
        """Why a clause is there in one of them alone."""
        passages = {_place(one) for one in (was or now or {})["evidence"]}
        if passages & self._held[1 if now is None else 0]:
            return ("joined",)
        if now is not None:
            return ("new_sentence",)
        told = {self._fates.get(statement, "sources_removed") for statement, _, _ in passages}
        return tuple(one for one in CAUSES if one in told)

    def _causes(self, was: Clause, now: Clause, fields: set[str]) -> set[str]:
        found = self._of_sources(was, now)
        if "drafted_by" in fields or ("text" in fields and not found):
            found.add("ratification")
        if "support" in fields:
            found |= self._of_support(was["support"], now["support"])
        if "held" in fields:
            found.add("held")
        if "conflicts_with" in fields:
            found.add("decisions")
        if fields & {"examples", "tests"}:
            found.add("judgements")
        is_explained = bool(found & {"reactions", "groups"})
        if fields & (_MEASURED - {"weight"}) and self._votes_differ and not is_explained:
            found.add("crowd")
        if fields & (_MEASURED | {"section"}):
            found |= {name for name, differs in self._settings.items() if differs}
        return found or {"rest"}

    def _of_sources(self, was: Clause, now: Clause) -> set[str]:
        """Why the passages differ; an erased one keeps its statement and loses its place."""
        old, new = ({_place(one) for one in side["evidence"]} for side in (was, now))
        erased = self._erased(was) | self._erased(now)
        found = {"erasure"} if erased and old != new else set()
        for place in new - old:
            if place[0] not in erased:
                found.add("joined" if place in self._held[0] else "sources_added")
        for place in old - new:
            if place[0] not in erased:
                gone = self._fates.get(place[0], "sources_removed")
                found.add("joined" if place in self._held[1] else gone)
        return found

    def _erased(self, clause: Clause) -> set[str]:
        """Statements whose words were removed from this clause."""
        return {one["statement"] for one in clause["evidence"] if one["quote"] == self._erased_as}

    def _of_support(self, was: Document, now: Document) -> set[str]:
        if was["overall"] != now["overall"]:
            return {"reactions"}
        return {"groups"} if was["by_group"] != now["by_group"] else set()


def _passages(document: Document) -> set[Passage]:
    return {_place(one) for clause in document["clauses"] for one in clause["evidence"]}


def _place(passage: Mapping[str, Any]) -> Passage:
    return passage["statement"], passage["start"], passage["end"]


def _settings(document: Document) -> Document:
    return {name: _set(document["method"], name) for name in (*_RULES, "seed", *_PROGRAM)}


def _differ(sides: tuple[Document, Document], names: tuple[str, ...]) -> bool:
    return any(_set(sides[0], name) != _set(sides[1], name) for name in names)


def _set(method: Document, name: str) -> Any:
    """One part of a method, without what is counted or set elsewhere."""
    value = method.get(name)
    left_out = _NO_RULES.get(name, ())
    return {k: v for k, v in value.items() if k not in left_out} if left_out and value else value


def _figures(path: str, before: Any, after: Any) -> Iterator[Figure]:
    """Each single value that differs between two values of one shape."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            place = f"{path}.{name}".strip(".")
            yield from _figures(place, before.get(name), after.get(name))
    elif path.endswith("by_group"):
        yield from _figures(
            path, *({one["group"]: one for one in side} for side in (before, after))
        )
    elif not isinstance(before, list | dict) and not isinstance(after, list | dict):
        yield Figure(path, before, after)
    elif before is None or after is None:  # a whole part that one side does not have
        part = before or after
        if isinstance(part, dict):
            empty: Document = {}
            yield from _figures(path, before or empty, after or empty)
