"""Claims as files: a table that a person reads and `run` takes, and all of it as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aggregation import cluster
from aggregation.exports.sheets import to_csv
from aggregation.prepare.preparation import Prepared
from aggregation.text import Reading, labels, read
from aggregation.types import IntArray, Settings, Span

FORMAT = "concordance claims 1"
COLUMNS = (
    *("comment-id", "comment-body", "author-id", "moderated"),  # what `run` reads
    *("language", "modal", "polarity", "passages", "statement", "start", "end", "theme"),
)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a preparation found, with the readings and themes of its claims, as bytes of files."""

    prepared: Prepared
    settings: Settings

    def csv(self) -> bytes:
        """One row per claim, those of most passages first; no cell is a formula, see `to_csv`."""
        claims, corpus = self.prepared.corpus.claims, self.prepared.corpus
        order = sorted(range(len(claims)), key=lambda row: -len(claims[row].members))
        rows = []
        for row in order:
            claim, reading = claims[row], self._readings[row]
            statement = corpus.statement(claim.span.statement)
            rows.append(
                (
                    *(claim.id, self._words[row], statement.author or "", 1),
                    *(statement.language, reading.modal, reading.polarity),
                    *(1 + len(claim.members), statement.id, claim.span.start, claim.span.end),
                    self._titles[int(self.theme[row])],
                )
            )
        return to_csv(COLUMNS, rows)

    def json(self) -> bytes:
        """The claims in canonical order, every member with its place and its words."""
        head = {
            "format": FORMAT,
            "title": self.prepared.corpus.title,
            "counts": self.prepared.counts,
            "method": {
                "embedding": [spec.to_dict() for spec in self.prepared.embedded.specs],
                "similarity": cluster.parameters(),
                "seed": self.settings.seed,
                "code_version": self.settings.code_version,
            },
            "themes": [
                {"theme": theme, "title": title, "claims": int((self.theme == theme).sum())}
                for theme, title in enumerate(self._titles)
            ],
        }
        opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
        claims = ",\n".join(json.dumps(one, ensure_ascii=False) for one in self._claims())
        return f'{opening},\n "claims": [\n{claims}\n]}}\n'.encode()

    def _claims(self) -> Iterator[dict[str, object]]:
        for row, claim in enumerate(self.prepared.corpus.claims):
            reading, words = self._readings[row], self._words[row]
            scopes = {
                "applies_when": [words[a:b] for a, b in reading.conditions],
                "exceptions": [words[a:b] for a, b in reading.exceptions],
            }
            yield {
                "claim": claim.id,
                "wording": words,
                "language": self.prepared.corpus.statement(claim.span.statement).language,
                "reading": {
                    "modal": reading.modal,
                    "polarity": reading.polarity,
                    "absolute": reading.absolute,
                    "is_norm": reading.is_norm,
                    **scopes,
                },
                "theme": int(self.theme[row]),
                "span": self._quoted(claim.span),
                "context": None if claim.context is None else self._quoted(claim.context),
                "members": [self._quoted(member) for member in claim.members],
            }

    def _quoted(self, span: Span) -> dict[str, object]:
        quote = self._quote(span)
        return {"statement": span.statement, "start": span.start, "end": span.end, "quote": quote}

    def _quote(self, span: Span) -> str:
        return self.prepared.corpus.statement(span.statement).text[span.start : span.end]

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(self._quote(claim.span) for claim in self.prepared.corpus.claims)

    @cached_property
    def _languages(self) -> Sequence[str]:
        corpus = self.prepared.corpus
        return [corpus.statement(claim.span.statement).language for claim in corpus.claims]

    @cached_property
    def _readings(self) -> tuple[Reading, ...]:
        return tuple(map(read, self._words, self._languages))

    @cached_property
    def _vectors(self) -> cluster.Float32Array:
        return self.prepared.embedded.vectors[self.prepared.medoid]

    @cached_property
    def theme(self) -> IntArray:
        """(claims,) the theme of each."""
        claims = self.prepared.corpus.claims
        keys = [f"{words}\n{claim.id}" for words, claim in zip(self._words, claims, strict=True)]
        return cluster.themes(
            self._vectors, keys, languages=self._languages, seed=self.settings.seed
        ).label

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        polarity = np.array([one.polarity for one in self._readings], dtype=np.int64)
        named = labels.label_themes(
            self._words, self._languages, self._vectors, self.theme, polarity=polarity
        )
        return tuple(label.title for label in named)
