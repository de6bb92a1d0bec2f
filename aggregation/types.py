"""The nouns every stage shares: what goes into an aggregation and how it is set."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aggregation.errors import AggregationInputError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

LEAST_CELL = 5  # people: no run may show counts of fewer


class Vote(enum.Enum):
    """What a person answered to a claim. A claim never answered has no Vote at all.

    A plain Enum, so that no member is ever false: UNSURE is an answer, not an absence.
    """

    AGREE = 1
    UNSURE = 0
    DISAGREE = -1


class Moderation(enum.Enum):
    """A moderator's word on a statement."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    REJECTED = "rejected"


class Modality(enum.Enum):
    """How strongly a clause binds, and in which direction."""

    MUST = "must"
    MUST_NOT = "must_not"
    SHOULD = "should"
    SHOULD_NOT = "should_not"
    MAY = "may"


class Status(enum.Enum):
    """Where a clause stands in a spec (spec-document: `status`)."""

    ADOPTED = "adopted"
    PROVISIONAL = "provisional"
    CONTESTED = "contested"
    NOT_ADOPTED = "not_adopted"
    RETIRED = "retired"


class Tier(enum.Enum):
    """The road by which a clause came into a spec."""

    COMMON_GROUND = "common_ground"
    VOICE = "voice"
    PLURAL = "plural"
    NONE = "none"


class Authority(enum.Enum):
    """Who may override a clause at run time, from hardest to easiest to override."""

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    GUIDELINE = "guideline"


@dataclass(frozen=True)
class Span:
    """A half-open range [start, end) of code points in one stored statement."""

    statement: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """What a citizen wrote, kept as stored.

    `author` is a participant id, or None where it is unknown. `language` is a BCP-47 code, "" to
    have it identified, "und" for an honest "unknown". `scenario` is the id of the situation that it
    speaks to, "" for none.
    """

    id: str
    text: str
    author: str | None = None
    language: str = ""
    moderation: Moderation = Moderation.ACCEPTED
    scenario: str = ""


@dataclass(frozen=True)
class Scenario:
    """A situation that people were asked to speak to. `written_by`: "organizer" or "citizen"."""

    id: str
    title: str
    text: str
    written_by: str = "organizer"


@dataclass(frozen=True)
class Answer:
    """What was answered to a prompt, for people to judge against what a claim asks for.

    `by` and `prompt_by` say who wrote the answer and the prompt, such as a model with its version;
    `source` names where both come from.
    """

    id: str
    claim: str
    prompt: str
    text: str
    by: str
    prompt_by: str
    source: str = ""


@dataclass(frozen=True)
class Claim:
    """What people react to: one span of one statement, in its author's words.

    `members` are the other spans that were merged into it as near-duplicates when they came in.
    `context` is the passage around `span` (it holds it) that a reader needs where the claim's own
    words lean on a neighbour ("It should not."); None where they stand alone.
    """

    id: str
    span: Span
    members: tuple[Span, ...] = ()
    context: Span | None = None


@dataclass(frozen=True)
class Contradiction:
    """What a person decided about two claims: `confirmed` where nobody can follow both."""

    first: str
    second: str
    confirmed: bool


@dataclass(frozen=True)
class Curation:
    """What people decided about claims and themes. Every run obeys it, so that it survives them.

    together : (kept, folded) claims that say the same; the kept one's words stand for both
    apart : claims that never count as the same, whatever their likeness
    contradictions : pairs that a person judged; the others stay candidates
    titles : (theme id, title in the organizer's words)
    merged : (theme id, id of the theme it became part of)
    placed : (claim id, id of the theme it was put into)
    """

    together: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    placed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Everything people wrote in one consultation, frozen."""

    title: str
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]
    id: str = "consultation"
    question: str = ""
    licence: str = ""
    as_of: str = ""  # ISO 8601 UTC moment of the newest input; "" where inputs carry no time
    synthetic: bool = False  # True for invented consultations: every output says so
    language: str = ""  # the organizer's, for labels; "" takes the commonest among the claims
    curation: Curation = Curation()
    scenarios: tuple[Scenario, ...] = ()
    answers: tuple[Answer, ...] = ()

    def statement(self, identifier: str) -> Statement:
        """The statement with this id; KeyError where there is none."""
        return self.by_id[identifier]

    @cached_property
    def by_id(self) -> dict[str, Statement]:
        """Statements by their id."""
        return {statement.id: statement for statement in self.statements}


@dataclass(frozen=True)
class Settings:
    """How one aggregation is run; recorded in the spec beside the policy.

    `policy` is a mapping that `tiers.Policy.from_dict` understands; an empty one is the default.
    `least_cell` is how many people a published count has to be about at least.
    `embedder` is the name of a backend (`aggregation.embed`), and `routes` names others by the code
    of the language that they are for.
    """

    seed: int = 0
    embedder: str = "use3"
    routes: dict[str, str] = field(default_factory=dict)
    bootstrap: int = 200
    version: int = 1
    code_version: str = ""
    policy: dict[str, object] = field(default_factory=dict)
    least_cell: int = 10

    def __post_init__(self) -> None:
        least = self.least_cell
        if isinstance(least, bool) or not isinstance(least, int) or least < LEAST_CELL:
            raise AggregationInputError(
                f"setting least_cell: {least!r} is not a whole number of at least {LEAST_CELL}. "
                "Counts of fewer people could tell on somebody."
            )
