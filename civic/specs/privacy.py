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

from aggregation.spec import document_digest
from aggregation.text import personal_data_hints
from civic.specs.models import Evidence, SpecVersion
from civic.statements.models import Statement

Document = dict[str, Any]
LEAST = 5  # people: the limit that `method.suppression` of every document states
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
            _alone(document),
            _derived(document),
            _groups(sizes),
            _identities(names),
            _strata(names),
            _still_shown(quoted),
            _seal(spec, document),
            _hints(document),
            _below_own_limit(spec, numbers),
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


def _small(n: object) -> bool:
    return isinstance(n, int) and 0 < n < LEAST


def _cells(document: Document) -> Check:
    small = [
        clause["id"]
        for clause in document["clauses"]
        if any(_small(cell["n"]) for cell in cells_of(clause))
    ]
    return _over_clauses(
        _("No count is about fewer than %(least)s people") % {"least": LEAST},
        small,
        good=_("Every count that is shown was looked at, over everybody and in every group."),
    )


def _alone(document: Document) -> Check:
    """A group that alone is hidden would follow from the others and from the count of all."""
    single = []
    for clause in document["clauses"]:
        hidden = [cell["n"] is None for cell in clause["support"]["by_group"]]
        if sum(hidden) == 1 and len(hidden) > 1:
            single.append(clause["id"])
    return _over_clauses(
        _("No hidden count can be worked out from the others"),
        single,
        good=_("Where a group is hidden, at least one other is, too."),
    )


def _derived(document: Document) -> Check:
    wrong = [clause["id"] for clause in document["clauses"] if _leaks(clause)]
    return _over_clauses(
        _("Shares are hidden where their counts are"),
        wrong,
        good=_("Opposition, counter-claims and shares say nothing that a count hides."),
    )


def _leaks(clause: Document) -> bool:
    support, against = clause["support"], clause["opposition"]
    hidden = {cell["group"] for cell in support["by_group"] if cell["n"] is None}
    overall = support["overall"]["n"] is None
    told = against["share"] is not None or support["observed_share"] is not None
    pairs = any(
        _small(item.get("both")) or (item.get("both") is None) != (item.get("agree_both") is None)
        for item in clause["dissent"]
    )
    named = against["group"] in hidden or bool(hidden & set(clause["represents"]))
    return (overall and told) or pairs or named


def _groups(sizes: list[int]) -> Check:
    small = [size for size in sizes if size < LEAST]
    return Check(
        _("No opinion group is smaller than %(least)s people") % {"least": LEAST},
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
        if any(personal_data_hints(passage["quote"]) for passage in clause["evidence"])
    ]
    check = _over_clauses(
        _("No quote seems to hold personal data"),
        looks,
        good=_("No quote looks like an address, an e-mail address, a phone or an account number."),
    )
    return Check(check.title, check.found, check.ok, is_note=True)


def _below_own_limit(spec: SpecVersion, numbers: list[int]) -> Check:
    limit = spec.consultation.k
    small = sum(0 < n < limit for n in numbers)
    facts = {"limit": limit, "count": small, "least": LEAST}
    return Check(
        _("This consultation’s own limit: %(limit)s people") % facts,
        ngettext(
            "%(count)s count is below it. Specs hide what is below %(least)s; judge whether this "
            "one may be told.",
            "%(count)s counts are below it. Specs hide what is below %(least)s; judge whether "
            "these may be told.",
            small,
        )
        % facts
        if small
        else _("No count is below it."),
        ok=not small,
        is_note=True,
    )


def _over_clauses(title: str, wrong: list[str], *, good: str) -> Check:
    if not wrong:
        return Check(title, good, ok=True)
    found = ngettext(
        "Not so in %(count)s clause: %(names)s.",
        "Not so in %(count)s clauses: %(names)s.",
        len(wrong),
    ) % {"count": len(wrong), "names": ", ".join(wrong[:NAMED])}
    return Check(title, found, ok=False)
