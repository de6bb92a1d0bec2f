"""Who took part, how it was counted, and which groups were found."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import rfc8785

from aggregation.certify.checks.outline import Outline, group_name
from aggregation.certify.recompute.groups import representative
from aggregation.certify.recompute.standing import Z95
from aggregation.certify.stated import Check, Malformed, Node, agreement, holds

SINGLE = 1e-5  # silhouettes are summed in single precision


def document_digest(document: Node) -> Iterator[Check]:
    """The document's own digest, over everything but itself and what is signed afterwards."""
    provenance = document["provenance"]
    stated = provenance["document_digest"]
    blank = {"document_digest": None, "audit_root": None, "signature": None}
    content: Any = {**_object(document), "provenance": {**_object(provenance), **blank}}
    try:
        digest = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    except (ValueError, RecursionError) as fault:
        raise Malformed("document", f"it cannot be written canonically: {fault}") from fault
    yield agreement(stated, f"sha256:{digest}")
    for later in (provenance["audit_root"], provenance["signature"]):
        if not later.is_null:
            later.text()


def votes_digest(outline: Outline) -> Iterator[Check]:
    """The digest of the votes, whatever their people are called."""
    digest = outline.again.votes.digest
    yield agreement(outline.document["provenance"]["votes_digest"], f"sha256:{digest}")


def population(outline: Outline) -> Iterator[Check]:
    """How many people, claims and reactions there are, and what no reaction reached."""
    votes, crowd, counts = outline.again.votes, outline.again.crowd, outline.again.counts
    stated = outline.document["population"]
    grouped = int(crowd.sizes.sum())
    expected = {
        "participants": votes.people,
        "participants_in_groups": grouped,
        "claims": len(outline.clauses),
        "reactions": int(votes.served.sum()),
        "reactions_not_served": int((~votes.served).sum()),
    }
    for key, value in expected.items():
        yield agreement(stated[key], value)
    silence = stated["silence"]
    yield agreement(silence["claims_without_reactions"], int((counts.seen[-1] == 0).sum()))
    yield agreement(silence["participants_without_group"], votes.people - grouped)
    yield from _statements(stated, silence, outline)


def _statements(stated: Node, silence: Node, outline: Outline) -> Iterator[Check]:
    """Statements are counted once each: accepted ones by language, the others by what they wait."""
    accepted = sum(node.integer() for node in stated["languages"].fields().values())
    waiting = silence["statements_waiting"].integer()
    rejected = silence["statements_rejected"].integer()
    yield agreement(stated["statements"], accepted + waiting + rejected)
    cited = {
        passage["statement"].text()
        for clause in outline.clauses
        for passage in clause.node["evidence"].items()
    }
    yield agreement(silence["statements_without_claim"], accepted - len(cited))


def summary(outline: Outline) -> Iterator[Check]:
    """The figures in the sentences for somebody who reads nothing else, in their order."""
    found = re.findall(r"\d[\d,]*", outline.document["summary"].text())
    statuses = Counter(clause.status for clause in outline.clauses)
    again = outline.again
    expected = [again.votes.people, int(again.votes.served.sum()), again.crowd.k]
    expected += [statuses[one] for one in ("adopted", "provisional", "contested", "not_adopted")]
    told = [int(figure.replace(",", "")) for figure in found]
    yield holds("summary", told == expected, stated=told, rule=expected)


def method(outline: Outline) -> Iterator[Check]:
    """Parameters that say the same in two places, and what follows from them."""
    stated, p = outline.document["method"], outline.parameters
    votes = outline.again.votes
    cells = votes.people * len(outline.clauses)
    observed = float(votes.served.sum() / cells) if cells else 0.0
    yield agreement(stated["welfare"]["observed_share"], observed)
    yield agreement(stated["confidence"], math.erf(Z95 / math.sqrt(2)))
    yield agreement(stated["groups"]["min_mass"], _min_mass(outline))
    yield agreement(stated["groups"]["seed"], p.seed)
    yield agreement(stated["completion"]["seed"], p.seed)
    # Nash welfare of 1/2 + t is the smooth twin of the harmonic score; no other is certified.
    yield agreement(stated["welfare"]["p"], 0)
    yield agreement(stated["welfare"]["offset"], 0.5)
    told = {int(figure) for figure in re.findall(r"\d+", stated["suppression"].text())}
    yield holds(
        stated["suppression"].path, told == {outline.least}, stated=told, rule=outline.least
    )


def _min_mass(outline: Outline) -> float:
    """The policy's, or as much as makes groups large enough to be told of."""
    policy, placed = outline.parameters.policy.min_group_mass, int(outline.again.crowd.sizes.sum())
    if outline.is_earlier or not placed:
        return policy
    return min(1.0, max(policy, round((outline.least - 0.5) / placed, 6)))


def opinion_groups(outline: Outline) -> Iterator[Check]:
    """Each group's size, share and representative claims; how well the groups are apart."""
    crowd = outline.again.crowd
    stated = outline.document["groups"].items(by="id")
    yield holds(
        "groups", len(stated) == crowd.k, stated=len(stated), rule=f"{crowd.k} groups in the votes"
    )
    typical = representative(outline.again.counts)
    total = int(crowd.sizes.sum())
    for g, group in enumerate(stated[: crowd.k]):
        yield agreement(group["id"], group_name(g))
        yield agreement(group["size"], int(crowd.sizes[g]))
        yield agreement(group["share"], float(crowd.sizes[g] / total))
        told = [
            {
                "clause": outline.by_column[column].id,
                "text": outline.by_column[column].node["text"].value,
                "response": word,
            }
            for column, word in typical[g]
            if outline.is_earlier or g in outline.shown(column)
        ]
        yield agreement(group["representative"], told)
    certificate = outline.document["certificates"]["groups"]
    width = outline.again.by_size.silhouette
    yield agreement(certificate["silhouette"], width, tolerance=SINGLE)


def sections(outline: Outline) -> Iterator[Check]:
    """Every clause that names a section stands in it once, and no other does; so with topics."""
    members: dict[str, list[str]] = {}
    for section in outline.document["sections"].items(by="id"):
        name = section["id"].text()
        members[name] = [outline.clause(node).id for node in section["clauses"].items()]
        parts = [part["clauses"].items() for part in section["topics"].items(by="id")]
        inner = [outline.clause(node).id for part in parts for node in part]
        quoted = [outline.clause(quote["clause"]).id for quote in section["quotes"].items()]
        fits = len(set(inner)) == len(inner) and {*inner, *quoted} <= set(members[name])
        yield holds(f"sections[{name}].topics", fits, stated=inner, rule=members[name])
    for name, listed in members.items():
        own = sorted(c.id for c in outline.clauses if c.node["section"].value == name)
        yield holds(f"sections[{name}].clauses", sorted(listed) == own, stated=listed, rule=own)
    for clause in outline.clauses:
        section = clause.node["section"]
        if not section.is_null and section.text() not in members:
            raise Malformed(section.path, "no such section", found=section.value)


def _object(node: Node) -> dict[str, object]:
    return {key: member.value for key, member in node.fields().items()}
