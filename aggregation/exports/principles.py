"""principles.json: constitutional-AI training strings, one entry per adopted clause."""

from __future__ import annotations

import json
import re
from typing import Any

from aggregation.exports.marks import quoted

Document = dict[str, Any]

# Words that chain two wishes in one sentence. A language that is not listed is never called atomic.
_CHAINS = {
    "ar": r"\bو|\bثم\b|،|؛",
    "de": r"\b(und|sowie|sondern)\b|;",
    "en": r"\b(and|but|as well as)\b|&|;",
    "es": r"\b(y|e|pero|sino)\b|;",
    "fr": r"\b(et|mais|ainsi que)\b|;",
    "it": r"\b(e|ed|ma)\b|;",
    "nl": r"\b(en|maar)\b|;",
    "pt": r"\b(e|mas)\b|;",
    "zh": r"和|并|且|及|与|；|，",
}


def to_principles(document: Document) -> list[Document]:
    """Comparison and critique/revision forms of every adopted clause, both polarities.

    The citizens' sentence is quoted whole, even where it chains several wishes: the document does
    not know its parts. `atomic` says whether it is one; `clause_id` leads to support and sources.
    """
    return [_principle(c) for c in document["clauses"] if c["status"] == "adopted"]


def is_atomic(text: str, language: str) -> bool:
    """Whether no word of the sentence chains a second wish to it; false where that is unknown."""
    chains = _CHAINS.get(language.split("-")[0].lower())
    inner = text.strip().rstrip(".!?…;؟。！？")
    # A full stop inside is a second sentence.
    several = re.search(r"[.!?؟]\s+\S|[。！？]\S", inner)
    return chains is not None and several is None and not re.search(chains, inner, re.IGNORECASE)


def _principle(clause: Document) -> Document:
    affirms = clause["stance"] == "affirms"
    quote = quoted(clause["text"])
    attitude = "support" if affirms else "reject"
    scope = _scope(clause)
    said = f"this sentence{scope}: {quote}"
    follow, against = ("most", "least") if affirms else ("least", "most")
    return {
        "clause_id": clause["id"],
        "name": clause["id"],
        "modality": clause["modality"],
        "authority": clause["authority"],
        "weight": clause["weight"],
        "language": clause["language"],
        "atomic": is_atomic(clause["text"], clause["language"]),
        "positive": f"Choose the response that {follow} follows {said}",
        "negative": f"Choose the response that {against} goes against {said}",
        "critiqueRequest": f"Say where the response {'fails' if affirms else 'follows'} this "
        f"sentence, which citizens {attitude}{scope}: {quote}",
        "revisionRequest": f"Rewrite the response so that it "
        f"{'follows' if affirms else 'does not follow'} this sentence, which citizens "
        f"{attitude}{scope}: {quote}",
    }


def _scope(clause: Document) -> str:
    """That a permission binds nobody to use it."""
    if clause["modality"] != "may":
        return ""
    return " where it bears on the answer (it permits and does not oblige)"


def to_json(document: Document) -> str:
    """The principles as readable JSON."""
    return json.dumps(to_principles(document), ensure_ascii=False, indent=2) + "\n"
