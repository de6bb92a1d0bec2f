"""What a machine made of the words that clauses quote: read beside them, in no document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from civic.specs.models import SpecVersion
from civic.statements.translated import Passage, translations_of

Clause = dict[str, Any]


def words_of(clause: Clause) -> Passage:
    """The passage that a clause is read in: its own words, with what stands around them."""
    own = (one for one in clause["evidence"] if one["quote"] == clause["text"])
    passage = next(own, clause["evidence"][0])
    around = passage.get("context", passage)
    return passage["statement"], around["start"], around["end"]


def translations_in(
    spec: SpecVersion, clauses: Iterable[Clause], *, with_sources: bool = False
) -> Mapping[Passage, str]:
    """The clauses' words in the reader's language, and those of all their sources if asked."""
    passages: set[Passage] = set()
    for clause in clauses:
        passages.add(words_of(clause))
        if with_sources:
            sources = clause["evidence"]
            passages |= {(one["statement"], one["start"], one["end"]) for one in sources}
    return translations_of(spec.consultation_id, passages)
