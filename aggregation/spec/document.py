"""The spec document: composed from findings, checked against its schema, written canonically."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from importlib import resources
from typing import Any

import rfc8785
from jsonschema import Draft202012Validator

from aggregation.errors import AggregationError
from aggregation.spec import words
from aggregation.spec.certificates import certificates, rules_kept
from aggregation.spec.clauses import ClauseWriter, clause_ids, counters, rounded
from aggregation.spec.differences import CAUSE_SEPARATOR, CAUSES, difference
from aggregation.spec.findings import Findings, ThemeLabel
from aggregation.spec.trials import Trials, judgements_digest
from aggregation.types import Corpus, Moderation

SCHEMA_VERSION = "1.4"
Document = dict[str, Any]

_STATUS_RANK = {"adopted": 0, "provisional": 1, "contested": 2, "not_adopted": 3, "retired": 4}
_MODALITY_RANK = {"must": 0, "must_not": 0, "should": 1, "should_not": 1, "may": 2}


class InvalidSpec(AggregationError):
    """A spec document breaks its schema; the message names the place and the rule."""


def schema() -> Document:
    """The JSON Schema (draft 2020-12) of a spec document."""
    text = resources.files("aggregation.spec").joinpath("schema.json").read_text("utf-8")
    loaded: Document = json.loads(text)
    return loaded


def validate(document: Document) -> None:
    """Raise InvalidSpec naming the first place where the document breaks its schema."""
    errors = sorted(Draft202012Validator(schema()).iter_errors(document), key=lambda e: e.json_path)
    if errors:
        raise InvalidSpec(f"{errors[0].json_path}: {errors[0].message}")


def to_bytes(document: Document) -> bytes:
    """Canonical JSON (RFC 8785): the same document is always the same bytes."""
    return rfc8785.dumps(document)


def from_bytes(content: bytes) -> Document:
    """The document in these bytes, checked against the schema."""
    document: Document = json.loads(content)
    validate(document)
    return document


def corpus_digest(corpus: Corpus) -> str:
    """SHA-256 over every statement and claim, in the order of their ids; authors by number."""
    author = author_numbers(corpus)
    rows: list[Any] = [
        [s.id, s.text, author.get(s.author), s.language, s.moderation.value]
        for s in sorted(corpus.statements, key=lambda s: s.id)
    ]
    claims: list[Any] = [
        [c.id, [[s.statement, s.start, s.end] for s in (c.span, *c.members)]]
        for c in sorted(corpus.claims, key=lambda c: c.id)
    ]
    parts = [rows, claims]
    if corpus.scenarios:
        told = sorted(corpus.scenarios, key=lambda s: s.id)
        parts.append([[s.id, s.title, s.text, s.written_by] for s in told])
        spoken = sorted(corpus.statements, key=lambda s: s.id)
        parts.append([[s.id, s.scenario] for s in spoken if s.scenario])
    return "sha256:" + hashlib.sha256(rfc8785.dumps(parts)).hexdigest()


def author_numbers(corpus: Corpus) -> dict[str | None, str]:
    """Author -> number, in the order of the ids of their first statements; nobody has none."""
    ordered = sorted(corpus.statements, key=lambda s: s.id)
    names = dict.fromkeys(s.author for s in ordered if s.author is not None)
    return {name: str(number) for number, name in enumerate(names, start=1)}


def compose(findings: Findings, *, previous: Document | None = None) -> Document:
    """The spec document of these findings; `previous` is the version before, if any.

    Clauses stand by status (adopted, provisional, contested, not adopted), then by strength,
    weight and support. Raises InvalidSpec if the result breaks the schema.
    """
    f = findings
    earlier = {c["claim"]: c["id"] for c in previous["clauses"]} if previous else {}
    ids = clause_ids(f, previous=earlier)
    section_ids = [theme.id for theme in f.themes]
    relatives: defaultdict[int, list[int]] = defaultdict(list)
    for j, representative in enumerate(f.family):
        relatives[int(representative)].append(j)
    writer = ClauseWriter(
        findings=f,
        ids=ids,
        section_of={j: section_ids[int(t)] for j, t in enumerate(f.theme) if t >= 0},
        similar=f.similar,
        counters=counters(f),
        relatives=relatives,
        histories={name: [] for name in ids},
        rules=rules_kept(f.certificates),
    )
    clauses = sorted((writer.write(j) for j in range(len(f.claims))), key=_reading_order)
    Trials(f.corpus, f.judgements, f.settings.least_cell).write(clauses)
    made_of = {"method": _method(f), "provenance": _provenance(f)}
    changes = _changes(made_of | {"clauses": clauses}, previous)
    _write_histories(clauses, changes, previous=previous, version=f.settings.version)
    counts = Counter(str(clause["status"]) for clause in clauses)
    document: Document = {
        "schema_version": SCHEMA_VERSION,
        "id": f.corpus.id,
        "title": f.corpus.title,
        "question": f.corpus.question,
        "version": f.settings.version,
        "created_at": f.corpus.as_of,
        "licence": f.corpus.licence,
        "synthetic": f.corpus.synthetic,
        "summary": words.summary(
            participants=f.participants,
            reactions=f.reactions,
            groups=len(f.group_sizes),
            counts=counts,
            synthetic=f.corpus.synthetic,
        ),
        "population": _population(f),
        "method": made_of["method"],
        "groups": _groups(f, writer),
        "sections": _sections(f, ids, clauses),
        "clauses": clauses,
        "certificates": certificates(f, ids, section_ids),
        "changes": changes,
        "provenance": made_of["provenance"],
    }
    document["provenance"]["document_digest"] = document_digest(document)
    validate(document)
    return document


def _provenance(f: Findings) -> Document:
    """What the document was made of; its own digest, log root and signature come later."""
    return {
        "corpus_digest": corpus_digest(f.corpus),
        "votes_digest": f.votes_digest,
        "judgements_digest": judgements_digest(f.corpus, f.judgements),
        "document_digest": None,
        "audit_root": None,
        "signature": None,
    }


def document_digest(document: Document) -> str:
    """SHA-256 over the canonical bytes of everything but this digest, log root and signature."""
    unsealed = {name: None for name in ("document_digest", "audit_root", "signature")}
    bare = document | {"provenance": document["provenance"] | unsealed}
    return f"sha256:{hashlib.sha256(to_bytes(bare)).hexdigest()}"


def _reading_order(clause: Document) -> tuple[Any, ...]:
    overall = clause["support"]["overall"]
    return (
        _STATUS_RANK[clause["status"]],
        clause["tier"],
        _MODALITY_RANK[clause["modality"]],
        -(clause["weight"] or 0.0),
        -overall.get("lo", 0.0),
        clause["id"],
    )


def _population(f: Findings) -> Document:
    by_moderation = Counter(s.moderation for s in f.corpus.statements)
    cited = {span.statement for c in f.claims for span in (c.span, *c.members)}
    accepted = [s for s in f.corpus.statements if s.moderation is Moderation.ACCEPTED]
    return {
        "participants": f.participants,
        "participants_in_groups": int(f.group_sizes.sum()),
        "statements": len(f.corpus.statements),
        "claims": len(f.claims),
        "reactions": f.reactions,
        "reactions_not_served": f.reactions_not_served,
        "languages": dict(sorted(Counter(s.language or "und" for s in accepted).items())),
        "silence": {
            "statements_waiting": by_moderation[Moderation.WAITING],
            "statements_rejected": by_moderation[Moderation.REJECTED],
            "statements_without_claim": sum(s.id not in cited for s in accepted),
            "claims_without_reactions": int((f.seen[-1] == 0).sum()),
            "participants_without_group": f.participants - int(f.group_sizes.sum()),
        },
    }


def _method(f: Findings) -> Document:
    return {
        "rule": words.RULE,
        "policy": f.policy,
        "seed": f.settings.seed,
        "bootstrap_resamples": f.settings.bootstrap,
        "confidence": 0.95,
        "least_cell": f.settings.least_cell,
        "suppression": words.SUPPRESSION.format(least=f.settings.least_cell),
        "code_version": f.settings.code_version,
        "embedding": f.embedding,
        "similarity": f.similarity,
        "groups": {
            "min_mass": f.grouping.min_mass,
            "k_max": f.grouping.k_max,
            "seed": f.settings.seed,
        },
        "completion": {
            "rank": f.estimates.rank,
            "rounds": f.estimates.rounds,
            "seed": f.settings.seed,
        },
        "welfare": {
            "p": 0,
            "offset": 0.5,
            "rounding": "swaps on the harmonic score",
            "observed_share": _observed_share(f),
        },
    }


def _observed_share(f: Findings) -> float:
    """The part of citizens' positions that the budgets' programmes did not have to estimate."""
    cells = f.participants * len(f.claims)
    return rounded(f.reactions / cells) if cells else 0.0


def _groups(f: Findings, writer: ClauseWriter) -> list[Document]:
    total, ids = int(f.group_sizes.sum()), writer.ids
    result = []
    for g, size in enumerate(f.group_sizes):
        name = words.group_name(g)
        typical = [
            {"clause": ids[j], "text": f.readings[j].text, "response": response}
            for j, response in f.representative[g]
            if g in writer.shown(j)
        ]
        result.append(
            {
                "id": name,
                "label": f"Group {name}",
                "size": int(size),
                "share": rounded(size / total) if total else 0.0,
                "representative": typical,
            }
        )
    return result


def _sections(f: Findings, ids: tuple[str, ...], clauses: list[Document]) -> list[Document]:
    held: defaultdict[str, list[str]] = defaultdict(list)
    for clause in clauses:
        if clause["section"] is not None:
            held[clause["section"]].append(clause["id"])
    return [_section(theme, ids, held[theme.id]) for theme in f.themes]


def _section(theme: ThemeLabel, ids: tuple[str, ...], clauses: list[str]) -> Document:
    """One theme with its clauses; those of its topics in the same order."""
    topics = []
    for number, (topic, members) in enumerate(theme.topics, start=1):
        own = {ids[j] for j in members}
        topics.append(
            {
                "id": f"{theme.id}.{number}",
                "title": topic.title,
                "keywords": list(topic.keywords),
                "stability": rounded(topic.stability),
                "clauses": [name for name in clauses if name in own],
            }
        )
    return {
        "id": theme.id,
        "title": theme.title,
        "keywords": list(theme.keywords),
        "language": theme.language,
        "stability": None if theme.stability is None else rounded(theme.stability),
        "compared": theme.compared,
        "quotes": [
            {"side": "asks" if side > 0 else "forbids", "clause": ids[j]}
            for side, j in theme.quotes
        ],
        "topics": topics,
        "clauses": clauses,
    }


def _changes(document: Document, previous: Document | None) -> list[Document]:
    """What moved since the version before, clause by clause, in the order of ids, and why."""
    if previous is None:
        return []
    before: Mapping[str, Document] = {c["id"]: c for c in previous["clauses"]}
    after = {c["id"]: c for c in document["clauses"]}
    causes = {
        change.clause["id"]: CAUSE_SEPARATOR.join(CAUSES[code] for code in change.causes)
        for change in difference(previous, document).changes
    }
    found: list[Document] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            kind = "added" if old is None else "removed"
            pairs = [(kind, old and old["status"], new and new["status"])]
        else:
            pairs = [(k, old[k], new[k]) for k in ("status", "modality") if old[k] != new[k]]
        found += [
            {"clause": name, "change": kind, "before": was, "after": now, "cause": causes[name]}
            for kind, was, now in pairs
        ]
    return found


def _write_histories(
    clauses: list[Document], changes: list[Document], *, previous: Document | None, version: int
) -> None:
    before = {c["id"]: c["history"] for c in previous["clauses"]} if previous else {}
    news: defaultdict[str, list[Document]] = defaultdict(list)
    for change in changes:
        entry = {"version": version, "change": change["change"], "cause": change["cause"]}
        news[change["clause"]].append(entry)
    first = [{"version": version, "change": "added", "cause": "first version"}]
    for clause in clauses:
        start = [] if previous else first
        clause["history"] = [*before.get(clause["id"], start), *news[clause["id"]]]
