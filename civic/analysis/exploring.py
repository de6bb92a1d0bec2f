"""What one analysis found, arranged for looking around: themes, sentences, groups, rules.

Everything comes from the run's own files, read once and kept by a process for the newest few runs.
Cells of few people are left out there already, as in the spec. Whether a sentence may
still be read is asked of the rows each time: `readable`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from aggregation import whatif
from aggregation.opinion import wilson
from aggregation.spec import least_cell
from civic.analysis.models import Run
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.statements.models import Statement

Part = dict[str, Any]
KEPT = 3  # runs whose files a process keeps
LARGE = 16_000_000  # bytes; larger files are read anew each time, so that memory stays bounded


@dataclass(frozen=True, eq=False)
class Sentence:
    """One claim as people answered it; shares are of agreement, None where too few answered.

    support : cells as in a spec, all of them measuring agreement
    apart : the greatest difference in agreement between two groups
    low : lower bound of agreement; shared : the least such bound of any group, and of everybody
    divided : how near people are to half and half, 0..1/2
    """

    clause: Part
    support: Part
    apart: float | None
    low: float | None
    shared: float | None
    unsure: float | None
    divided: float | None

    @property
    def key(self) -> str:
        return str(self.clause["claim"])

    @property
    def status(self) -> str:
        return str(self.clause["status"])

    @property
    def n(self) -> int:
        return self.support["overall"]["n"] or 0


@dataclass(frozen=True, eq=False)
class ThemeFound:
    """One theme with its sentences in the order of the document.

    people, answers : None where they are too few or were not kept
    """

    key: str
    title: str
    keywords: tuple[str, ...]
    topics: tuple[tuple[str, str, int], ...]  # id, title, how many sentences
    sentences: tuple[Sentence, ...]
    people: int | None
    answers: int | None

    @property
    def statuses(self) -> list[tuple[str, int]]:
        """How many sentences stand where."""
        counts = Counter(one.status for one in self.sentences)
        return [(status, counts[status]) for status in STATUSES if counts[status]]


STATUSES = ("adopted", "provisional", "contested", "not_adopted")


@dataclass(frozen=True, eq=False)
class Found:
    """A run's outcome. `themes` end with the sentences of no theme, if there are any (key "")."""

    document: Part
    sentences: tuple[Sentence, ...]
    themes: tuple[ThemeFound, ...]
    languages: tuple[str, ...]
    topics: Mapping[str, frozenset[str]]  # topic id -> clause ids

    @property
    def least(self) -> int:
        """People below whom no count is shown."""
        return least_cell(self.document)

    @property
    def groups(self) -> list[str]:
        return [group["id"] for group in self.document["groups"]]

    def of(self, claim: str) -> Sentence | None:
        """The sentence of the claim with this key."""
        return next((one for one in self.sentences if one.key == claim), None)

    def clause(self, key: str) -> Sentence | None:
        """The sentence of the clause with this id."""
        return next((one for one in self.sentences if one.clause["id"] == key), None)


def found_in(run: Run) -> Found | None:
    """What the run found; None where it kept no file."""
    if not _is_there(run.outcome_file):
        return None
    return _read(run.outcome_file, run.basis_file if has_basis(run) else "")


def has_basis(run: Run) -> bool:
    """Whether another policy can be tried on the run; older ones did not keep what it needs."""
    return _is_there(run.basis_file)


def _is_there(name: str) -> bool:
    return bool(name) and files.path_of(name).exists()


def is_kept(name: str) -> bool:
    """Whether the content of a stored file is small enough to be kept by a process."""
    return files.path_of(name).stat().st_size <= LARGE


def _read(outcome: str, basis: str) -> Found:
    read = _read_once if is_kept(outcome) else _read_once.__wrapped__
    return read(outcome, basis)


def basis_in(name: str) -> whatif.Basis:
    """The basis in a stored file."""
    read = _basis_once if is_kept(name) else _basis_once.__wrapped__
    return read(name)


@lru_cache(maxsize=KEPT)
def _basis_once(name: str) -> whatif.Basis:
    return whatif.from_bytes(files.read(name))


@lru_cache(maxsize=KEPT)
def _read_once(outcome: str, basis: str) -> Found:
    document = json.loads(files.read(outcome))
    sentences = tuple(_sentence(clause) for clause in document["clauses"])
    themes = _themes(document, sentences, basis_in(basis) if basis else None)
    languages = sorted({one.clause["language"] for one in sentences} - {"", "und"})
    topics = {
        topic["id"]: frozenset(topic["clauses"])
        for section in document["sections"]
        for topic in section.get("topics", ())
    }
    return Found(document, sentences, themes, tuple(languages), topics)


def _sentence(clause: Part) -> Sentence:
    given = clause["support"]
    is_turned = given["measures"] != "agree"
    overall = _agreeing(given["overall"]) if is_turned else given["overall"]
    groups = [_agreeing(cell) if is_turned else cell for cell in given["by_group"]]
    shares = [cell["estimate"] for cell in groups if cell["n"]]
    lows = [cell["lo"] for cell in groups if cell["n"]]
    n = overall["n"]
    return Sentence(
        clause=clause,
        support={**given, "measures": "agree", "overall": overall, "by_group": groups},
        apart=max(shares) - min(shares) if len(shares) > 1 else None,
        low=overall["lo"] if n else None,
        shared=min([*lows, overall["lo"]]) if n and len(lows) == len(groups) else None,
        unsure=overall["unsure"] / n if n else None,
        divided=min(overall["agree"], overall["disagree"]) / n if n else None,
    )


def _agreeing(cell: Part) -> Part:
    """A cell of a spec with agreement as what is measured, whatever the clause's direction."""
    if not cell["n"]:
        return cell
    lo, hi = wilson(cell["agree"], cell["n"])
    return {**cell, "estimate": cell["agree"] / cell["n"], "lo": float(lo), "hi": float(hi)}


def _themes(
    document: Part, sentences: tuple[Sentence, ...], basis: whatif.Basis | None
) -> tuple[ThemeFound, ...]:
    sections = list(document["sections"])
    place = {section["id"]: number for number, section in enumerate(sections)}
    held: list[list[Sentence]] = [[] for _ in range(len(sections) + 1)]
    for one in sentences:
        held[place.get(one.clause["section"], len(sections))].append(one)
    if held[-1]:
        sections.append({"id": "", "title": "", "keywords": [], "topics": []})
    people, answers = _heard(basis, held, least=least_cell(document))
    return tuple(
        ThemeFound(
            key=section["id"],
            title=section["title"],
            keywords=tuple(section["keywords"]),
            topics=tuple(
                (one["id"], one["title"], len(one["clauses"])) for one in section["topics"]
            ),
            sentences=tuple(held[number]),
            people=people[number],
            answers=answers[number],
        )
        for number, section in enumerate(sections)
    )


def _heard(
    basis: whatif.Basis | None, held: list[list[Sentence]], *, least: int
) -> tuple[list[int | None], list[int | None]]:
    """How many people and answers each theme has; fewer people than `least` are not told."""
    unknown: list[int | None] = [None] * len(held)
    if basis is None:
        return unknown, unknown
    at = {claim: column for column, claim in enumerate(basis.claims)}
    theme = np.full(len(basis.claims), -1, dtype=np.int64)
    for number, members in enumerate(held):
        theme[[at[one.key] for one in members if one.key in at]] = number
    people, answers = (counts.tolist() for counts in whatif.heard(basis, theme))
    people += [0] * (len(held) - len(people))
    answers += [0] * (len(held) - len(answers))
    told = [n >= least for n in people]
    return (
        [n if shown else None for n, shown in zip(people, told, strict=True)],
        [n if shown else None for n, shown in zip(answers, told, strict=True)],
    )


def readable(consultation: Consultation, found: Found) -> dict[str, Any]:
    """Key -> uuid of every claim whose words in this analysis may be read now; two queries at most.

    A claim whose words went out of sight may go on in somebody else's: the analysis still holds the
    old ones, so it is left out.
    """
    shown = Statement.objects.shown().filter(consultation=consultation)
    claims = consultation.claims.shown().values_list("key", "uuid", "statement__key")
    now = {key: (uuid, statement) for key, uuid, statement in claims}
    sources = {one.key: _source(one.clause) for one in found.sentences if one.key in now}
    handed_on = {source for key, source in sources.items() if source != now[key][1]}
    still = handed_on and set(shown.filter(key__in=handed_on).values_list("key", flat=True))
    return {
        key: now[key][0]
        for key, source in sources.items()
        if source not in handed_on or source in still
    }


def _source(clause: Part) -> str:
    """The key of the statement whose words a clause stands in."""
    own = (one for one in clause["evidence"] if one["quote"] == clause["text"])
    return str(next(own, clause["evidence"][0])["statement"])


# --- finding and sorting

ORDERS = ("agreed", "shared", "divisive", "unsure", "least")


def search(
    sentences: Iterable[Sentence],
    *,
    words: str = "",
    theme: str | None = None,
    topic: frozenset[str] | None = None,
    status: str = "",
    language: str = "",
    apart: int = 0,
    order: str = "",
) -> list[Sentence]:
    """The sentences that fit, in this order; without one, in that of the document.

    theme : "" stands for none, None for any; topic : ids of the clauses in it; apart : points
        between two groups at least
    """
    wanted = words.casefold().strip()
    fitting = [
        one
        for one in sentences
        if (not wanted or wanted in one.clause["text"].casefold())
        and (theme is None or (one.clause["section"] or "") == theme)
        and (topic is None or one.clause["id"] in topic)
        and (not status or one.status == status)
        and (not language or one.clause["language"] == language)
        and (not apart or (one.apart is not None and one.apart * 100 >= apart))
    ]
    return fitting if order not in _BY else sorted(fitting, key=_BY[order])


def _falling(*values: float | None) -> tuple[float, ...]:
    """What is not known comes last."""
    return tuple(1.0 if value is None else -value for value in values)


_BY: Mapping[str, Any] = {
    "agreed": lambda one: _falling(one.low),
    "shared": lambda one: _falling(one.shared),
    "divisive": lambda one: _falling(one.apart, one.divided),
    "unsure": lambda one: _falling(one.unsure),
    "least": lambda one: one.n,
}


def by_column(sentences: Iterable[Sentence], *, column: str, falling: bool) -> list[Sentence]:
    """Sorted for the table of groups: by "all", "n", "apart", or the name of a group."""

    def value(one: Sentence) -> float | None:
        if column == "n":
            return float(one.n)
        if column == "apart":
            return one.apart
        cells = one.support["by_group"]
        cell = next((c for c in cells if c["group"] == column), one.support["overall"])
        return cell["estimate"] if cell["n"] else None

    def place(one: Sentence) -> tuple[bool, float]:
        found = value(one)
        return found is None, 0.0 if found is None else (-found if falling else found)

    return sorted(sentences, key=place)


# --- rules


@dataclass(frozen=True, eq=False)
class Compared:
    """One budget under every rule: rules with their figures, and who chooses which sentence.

    rows : (sentence, which of the rules choose it, how many of them), the most chosen first
    """

    name: str
    rules: list[Part]
    rows: list[tuple[Sentence, list[bool], int]]
    chosen: int
    survivors: int


def rules_compared(found: Found) -> list[Compared]:
    """What each rule of choosing would take, from the certificates of the document."""
    by_clause = {one.clause["id"]: one for one in found.sentences}
    parts = [
        (one["budget"], one["sensitivity"]["rules"], one["sensitivity"]["survivors"])
        for one in found.document["certificates"]["selections"]
    ]
    compared = []
    for name, rules, survivors in parts:
        takes = [frozenset(rule["chosen"]) for rule in rules]
        rows = []
        for clause in dict.fromkeys(key for rule in rules for key in rule["chosen"]):
            marks = [clause in one for one in takes]
            rows.append((by_clause[clause], marks, sum(marks)))
        rows.sort(key=lambda row: (-row[2], not row[1][0]))
        chosen = len(takes[0]) if takes else 0
        compared.append(Compared(name, rules, rows, chosen, len(survivors)))
    return [one for one in compared if one.rows]
