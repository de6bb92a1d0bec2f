"""Does a spec document tell nothing about single people? Each promise checked over the document.

Nothing here trusts whoever composed it: the figures are counted in the document that is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregation.spec import document_digest, least_cell
from aggregation.text import personal_data_hints
from civic.specs.models import Evidence, SpecVersion
from civic.specs.selectors import latest_public
from civic.statements.models import Statement

Document = dict[str, Any]
# Names of fields that would lead to a person, wherever in a document they stood.
TELLING = frozenset({"author", "authors", "email", "ip", "name_of_author", "participant", "user"})
STRATA = frozenset({"strata", "stratum", "demographics"})
NAMED = 3  # examples in a sentence


@dataclass(frozen=True)
class Check:
    """One promise, and what was found. A note is for a person to judge and refuses nothing."""

    title: str
    found: str
    ok: bool
    is_note: bool = False


@dataclass(frozen=True)
class Report:
    """All checks, and the figures that they rest on."""

    checks: tuple[Check, ...]
    groups: int
    smallest_group: int | None
    shown: int
    suppressed: int
    quoted: int
    quoted_people: int
    quoted_once: int

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok and not check.is_note]


@dataclass(frozen=True)
class Quoted:
    """Statements that are quoted, people who wrote them, and those of people who wrote no other."""

    statements: int
    people: int
    once: int
    gone: tuple[str, ...]  # keys of those that are no longer shown


def report_on(spec: SpecVersion, document: Document) -> Report:
    """Every check of a version before it is published."""
    cells = [cell for clause in document["clauses"] for cell in cells_of(clause)]
    numbers = [cell["n"] for cell in cells if cell["n"] is not None]
    sizes = [group["size"] for group in document["groups"]]
    quoted, names = quoted_in(spec), frozenset(_names(document))
    return Report(
        checks=(
            _cells(document),
            _follows(document),
            _derived(document),
            _groups(sizes, least=least_cell(document)),
            _identities(names),
            _strata(names),
            _still_shown(quoted),
            _seal(spec, document),
            _own_limit(spec, document),
            _hints(document),
            _since_before(spec, document),
        ),
        groups=len(sizes),
        smallest_group=min(sizes, default=None),
        shown=len(numbers),
        suppressed=len(cells) - len(numbers),
        quoted=quoted.statements,
        quoted_people=quoted.people,
        quoted_once=quoted.once,
    )


def cells_of(clause: Document) -> list[Document]:
    """The counts of one clause: over everybody, and of each group."""
    return [clause["support"]["overall"], *clause["support"]["by_group"]]


def quoted_in(spec: SpecVersion) -> Quoted:
    """Whose statements a version quotes, in numbers; three queries."""
    rows = Evidence.objects.filter(clause__spec=spec)
    ids = set(rows.values_list("statement", flat=True).distinct()) - {None}
    wrote = dict(
        spec.consultation.statements.filter(withdrawn_at=None, author__isnull=False)
        .values_list("author")
        .annotate(Count("pk"))
    )
    of = dict(spec.consultation.statements.values_list("pk", "author"))
    authors = [of[pk] for pk in ids if of.get(pk) is not None]
    gone = rows.exclude(statement__in=Statement.objects.shown())
    return Quoted(
        statements=len(ids),
        people=len(set(authors)),
        once=sum(wrote.get(author, 0) <= 1 for author in authors),
        gone=tuple(sorted({str(key) for key in gone.values_list("statement__key", flat=True)})),
    )


def _is_small(n: object, least: int) -> bool:
    return isinstance(n, int) and 0 < n < least


def _cells(document: Document) -> Check:
    least = least_cell(document)
    small = [
        clause["id"]
        for clause in document["clauses"]
        if any(_is_small(cell["n"], least) for cell in cells_of(clause))
    ]
    return _over_clauses(
        _("No count is about fewer than %(least)s people") % {"least": least},
        small,
        good=_("Every count that is shown was looked at, over everybody and in every group."),
    )


def _follows(document: Document) -> Check:
    """What everybody's count less the shown groups' leaves must not tell of few or of one group."""
    least = least_cell(document)
    groupless = document["population"]["silence"]["participants_without_group"]
    return _over_clauses(
        _("No hidden count can be worked out from the others"),
        [
            one["id"]
            for one in document["clauses"]
            if _leaves_few(one["support"], least, groupless=groupless)
        ],
        good=_(
            "What is left of everybody’s count beside the groups shown is never about few people."
        ),
    )


def _leaves_few(support: Document, least: int, *, groupless: int) -> bool:
    overall = support["overall"]["n"]
    shown = [cell["n"] for cell in support["by_group"] if cell["n"] is not None]
    if overall is None or not shown:
        return False
    left, hidden = overall - sum(shown), len(support["by_group"]) - len(shown)
    return _is_small(left, least) or (hidden == 1 and not groupless)


def _derived(document: Document) -> Check:
    least = least_cell(document)
    typical = {
        (group["id"], one["clause"])
        for group in document["groups"]
        for one in group["representative"]
    }
    wrong = [clause["id"] for clause in document["clauses"] if _leaks(clause, least, typical)]
    return _over_clauses(
        _("Shares are hidden where their counts are"),
        wrong,
        good=_("Opposition, counter-claims and shares say nothing that a count hides."),
    )


def _leaks(clause: Document, least: int, typical: set[tuple[str, str]]) -> bool:
    support, against = clause["support"], clause["opposition"]
    hidden = {cell["group"] for cell in support["by_group"] if cell["n"] is None}
    overall = support["overall"]["n"] is None
    told = against["share"] is not None or support["observed_share"] is not None
    pairs = any(
        _is_small(item.get("both"), least)
        or (item.get("both") is None) != (item.get("agree_both") is None)
        for item in clause["dissent"]
    )
    named = against["group"] in hidden or bool(hidden & set(clause["represents"]))
    stands_out = any((group, clause["id"]) in typical for group in hidden)
    return (overall and told) or pairs or named or stands_out or bool(hidden and clause["margin"])


def _groups(sizes: list[int], *, least: int) -> Check:
    small = [size for size in sizes if size < least]
    return Check(
        _("No opinion group is smaller than %(least)s people") % {"least": least},
        _(
            "A group of %(size)s people would be shown. Raise “Smallest opinion group” and analyse "
            "again, or wait for more people."
        )
        % {"size": min(small)}
        if small
        else ngettext(
            "%(count)s group; the smallest has %(size)s people.",
            "%(count)s groups; the smallest has %(size)s people.",
            len(sizes),
        )
        % {"count": len(sizes), "size": min(sizes)}
        if sizes
        else _("No groups could be told apart, so none is shown."),
        ok=not small,
    )


def _identities(names: frozenset[str]) -> Check:
    found = sorted(names & TELLING)
    return Check(
        _("No field leads to a person"),
        _("These fields would: %(fields)s. Start a new analysis.") % {"fields": ", ".join(found)}
        if found
        else _(
            "No author, account or address stands in the document; quotes name statements only."
        ),
        ok=not found,
    )


def _strata(names: frozenset[str]) -> Check:
    found = sorted(names & STRATA)
    return Check(
        _("Nothing that people said about themselves"),
        _("These fields hold some: %(fields)s. Start a new analysis.")
        % {"fields": ", ".join(found)}
        if found
        else _("Age, place or other answers about oneself are no part of a spec: none is in it."),
        ok=not found,
    )


def _names(value: object) -> Iterator[str]:
    """The names of all fields, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _still_shown(quoted: Quoted) -> Check:
    gone = quoted.gone
    return Check(
        _("Every quoted statement may still be shown"),
        ngettext(
            "%(count)s quoted statement was withdrawn or hidden since this draft was made (the "
            "first is %(first)s). Start a new analysis and draft its result.",
            "%(count)s quoted statements were withdrawn or hidden since this draft was made (the "
            "first is %(first)s). Start a new analysis and draft its result.",
            len(gone),
        )
        % {"count": len(gone), "first": gone[0]}
        if gone
        else ngettext(
            "%(count)s statement is quoted; its author has not taken it back, and nobody hid it.",
            "%(count)s statements are quoted; no author took one back, and nobody hid one.",
            quoted.statements,
        )
        % {"count": quoted.statements},
        ok=not gone,
    )


def _seal(spec: SpecVersion, document: Document) -> Check:
    stored = hashlib.sha256(bytes(spec.document)).hexdigest() == spec.sha256
    sealed = document["provenance"]["document_digest"] == document_digest(document)
    return Check(
        _("The draft is what the analysis wrote, to the byte"),
        _("Its fingerprints were computed again and agree.")
        if stored and sealed
        else _("Its fingerprints do not agree: it was changed. Start a new analysis."),
        ok=stored and sealed,
    )


def _hints(document: Document) -> Check:
    looks = [
        clause["id"]
        for clause in document["clauses"]
        if any(personal_data_hints(words) for words in _foreign_words(clause))
    ]
    check = _over_clauses(
        _("No quote and no example seems to hold personal data"),
        looks,
        good=_(
            "Nothing quoted looks like an address, an e-mail address, a phone or an account number."
        ),
    )
    return Check(check.title, check.found, check.ok, is_note=True)


def _foreign_words(clause: Document) -> Iterator[str]:
    """What other people, and machines, wrote: quotes and examples."""
    yield from (passage["quote"] for passage in clause["evidence"])
    for example in clause["examples"]:
        yield from (example["prompt"], example["prompt_by"], example["source"])
    for answer in _judged_answers(clause):
        yield from (answer["text"], answer["by"])


def _judged_answers(clause: Document) -> Iterator[Document]:
    for example in clause["examples"]:
        yield from (*example["good"], *example["bad"], *example["undecided"])


def _own_limit(spec: SpecVersion, document: Document) -> Check:
    """People were promised the consultation's limit, which may have grown since the analysis."""
    facts = {"limit": spec.consultation.k, "least": least_cell(document)}
    holds = least_cell(document) >= spec.consultation.k
    return Check(
        _("This consultation’s own limit: %(limit)s people") % facts,
        _("The draft hides what is below %(least)s.") % facts
        if holds
        else _(
            "The draft hides what is below %(least)s, and people were promised %(limit)s. Start a "
            "new analysis and draft its result."
        )
        % facts,
        ok=holds,
    )


def _since_before(spec: SpecVersion, document: Document) -> Check:
    """Two versions tell what those answered who came between them: they must not be few."""
    earlier, least = latest_public(spec.consultation), least_cell(document)
    before = {} if earlier is None else {one["claim"]: one for one in earlier.load()["clauses"]}
    few = [
        clause["id"]
        for clause in document["clauses"]
        if clause["claim"] in before
        and any(_is_small(moved, least) for moved in _moves(before[clause["claim"]], clause))
    ]
    check = _over_clauses(
        _("Few new answers do not follow from two versions"),
        few,
        good=_("No count differs from the version before by fewer than %(least)s answers.")
        % {"least": least},
    )
    return Check(check.title, check.found, check.ok, is_note=True)


def _moves(before: Document, after: Document) -> Iterator[int]:
    """How many answers two versions' counts over everybody differ by: those to the sentence, and
    the judgements of each of its examples."""
    yield _moved(before["support"]["overall"], after["support"]["overall"])
    known = {one["id"]: one["judged"] for one in _judged_answers(before)}
    for one in _judged_answers(after):
        if one["id"] in known:
            yield _moved(known[one["id"]], one["judged"])


def _moved(before: Document, after: Document) -> int:
    """How many answers two counts differ by; 0 where one is hidden."""
    if before["n"] is None or after["n"] is None:
        return 0
    return sum(abs(before[name] - after[name]) for name in ("agree", "disagree", "unsure"))


def _over_clauses(title: str, wrong: list[str], *, good: str) -> Check:
    if not wrong:
        return Check(title, good, ok=True)
    found = ngettext(
        "Not so in %(count)s clause: %(names)s.",
        "Not so in %(count)s clauses: %(names)s.",
        len(wrong),
    ) % {"count": len(wrong), "names": ", ".join(wrong[:NAMED])}
    return Check(title, found, ok=False)
