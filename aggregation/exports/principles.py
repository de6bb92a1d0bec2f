"""principles.json: constitutional-AI training strings, one per adopted clause and polarity."""

from __future__ import annotations

import json
from typing import Any

Document = dict[str, Any]


def to_principles(document: Document) -> list[Document]:
    """Comparison and critique/revision forms of every adopted clause, both polarities.

    The citizens' sentence is quoted whole; `clause_id` leads back to its support and sources.
    """
    return [_principle(c) for c in document["clauses"] if c["status"] == "adopted"]


def _principle(clause: Document) -> Document:
    affirms = clause["stance"] == "affirms"
    quote = "“" + " ".join(clause["text"].split()) + "”"
    attitude = "support" if affirms else "reject"
    return {
        "clause_id": clause["id"],
        "name": clause["id"],
        "modality": clause["modality"],
        "authority": clause["authority"],
        "weight": clause["weight"],
        "positive": f"Choose the response that {'most' if affirms else 'least'} follows this "
        f"sentence: {quote}",
        "negative": f"Choose the response that {'least' if affirms else 'most'} goes against this "
        f"sentence: {quote}",
        "critiqueRequest": f"Say where the response {'fails' if affirms else 'follows'} this "
        f"sentence, which citizens {attitude}: {quote}",
        "revisionRequest": f"Rewrite the response so that it "
        f"{'follows' if affirms else 'does not follow'} this sentence, which citizens "
        f"{attitude}: {quote}",
    }


def to_json(document: Document) -> str:
    """The principles as readable JSON."""
    return json.dumps(to_principles(document), ensure_ascii=False, indent=2) + "\n"
