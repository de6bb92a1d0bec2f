"""The sentences of statements, which of them are norms, and which say the same words.

Map: `read_shard` looks at one statement at a time. Reduce: `norms` and `fold` look at passages
alone, so that no text has to be at hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from aggregation.text import duplicate_key, gist, identify, read, side
from aggregation.text.standing import Sentence, sentences
from aggregation.types import Curation, IntArray, Statement
from aggregation.votes import natural_key

KEY_BYTES = 16  # of a wording's digest: no two of 100 million wordings meet by chance


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of a statement: where it stands and what was read from its words.

    start, end : code points of the statement, half-open. is_norm : None where no rule can tell.
    side : equal for two sentences only where both point the same way (`text.side`).
    leans : it cannot stand alone; `context` is the range around it that a reader needs.
    wording : equal for passages with the same words in the same language on the same side; if they
        lean, with the same context: "It should not" says what the sentence before it makes it say
    topic : equal for passages about the same things (`text.Gist.topic`); "" where unknown
    """

    statement: str
    start: int
    end: int
    language: str
    is_norm: bool | None
    polarity: int
    side: int
    leans: bool
    context: tuple[int, int]
    wording: str
    topic: str

    @property
    def key(self) -> str:
        """The id of a claim in this passage's words: the same input names its claims the same."""
        return f"{self.statement}.{self.start}"


def canonical(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements in natural order of their ids: the order in which shards are cut."""
    return tuple(sorted(statements, key=lambda one: natural_key(one.id)))


def read_shard(statements: Sequence[Statement]) -> tuple[Passage, ...]:
    """Every sentence of every statement, in the order given. A statement without a language
    has it identified; its passages carry it."""
    return tuple(passage for one in statements for passage in _read(one))


def _read(statement: Statement) -> Iterable[Passage]:
    language = statement.language or identify(statement.text)
    for one in sentences(statement.text, language):
        yield _passage(statement, language, one, is_claim=False)


def passage_at(statement: Statement, language: str, start: int, end: int) -> Passage:
    """One range of a statement, for a claim whose range is given: as the sentence that it is, or
    by itself where it is none."""
    alone = Sentence(start, end, leans=False, context=(start, end))
    found = sentences(statement.text, language)
    own = next((one for one in found if (one.start, one.end) == (start, end)), alone)
    return _passage(statement, language, own, is_claim=True)


def _passage(statement: Statement, language: str, one: Sentence, *, is_claim: bool) -> Passage:
    text = statement.text[one.start : one.end]
    around = statement.text[one.context[0] : one.context[1]]
    reading = read(text, language)
    toward = side(text, language, reading)
    about = is_claim or reading.is_norm is not False
    return Passage(
        statement=statement.id,
        start=one.start,
        end=one.end,
        language=language,
        is_norm=reading.is_norm,
        polarity=reading.polarity,
        side=toward,
        leans=one.leans,
        context=one.context,
        wording=_wording((text, around) if one.leans else (text,), language, toward),
        topic=gist(text, language, reading).topic if about else "",
    )


def _wording(words: tuple[str, ...], language: str, toward: int) -> str:
    content = "\n".join((language, str(toward), *map(duplicate_key, words)))
    return digest(content.encode("utf-8", "surrogatepass"))[: 2 * KEY_BYTES]


def digest(payload: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(payload).hexdigest()


def norms(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """The passages that become claims, in the order given; a statement's lie side by side.

    Those that carry a norm. Beside a plain norm, a sentence that the rules cannot read is context;
    in a statement without one, it may be a norm.
    """
    found: list[Passage] = []
    for _, group in groupby(passages, key=lambda passage: passage.statement):
        own = list(group)
        told = any(passage.is_norm for passage in own)
        found += (p for p in own if p.is_norm or (p.is_norm is None and not told))
    return tuple(found)


@dataclass(frozen=True)
class Folded:
    """Passages with equal wordings as one row.

    first : (m,) the passage that stands for each wording; wordings in order of first occurrence
    row : (n,) the wording of each passage
    """

    first: IntArray
    row: IntArray

    def voices(self, passages: Sequence[Passage], authors: Mapping[str, str]) -> IntArray:
        """(m,) how many people used each wording; a statement without an author counts as one."""
        heard = {
            (row, authors.get(passage.statement), passage.statement not in authors and passage.key)
            for row, passage in zip(self.row.tolist(), passages, strict=True)
        }
        rows = np.fromiter((row for row, _, _ in heard), dtype=np.int64, count=len(heard))
        return np.bincount(rows, minlength=len(self.first)).astype(np.int64)


def fold(passages: Sequence[Passage], curation: Curation | None = None) -> Folded:
    """Each wording once, before anything is compared: a text sent a thousand times is one row.

    A passage that a person set apart from another (by its key) is a row of its own; one in whose
    words a person let others stand is the first of its row.
    """
    decided = curation or Curation()
    alone = {key for pair in decided.apart for key in pair}
    kept = {key for key, _ in decided.together}
    rows: dict[str, int] = {}
    first: list[int] = []
    row = np.empty(len(passages), dtype=np.int64)
    for place, passage in enumerate(passages):
        wording = passage.key if passage.key in alone else passage.wording
        found = rows.setdefault(wording, len(rows))
        if found == len(first):
            first.append(place)
        elif passage.key in kept and passages[first[found]].key not in kept:
            first[found] = place
        row[place] = found
    return Folded(first=np.asarray(first, dtype=np.int64), row=row)
