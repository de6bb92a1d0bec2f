"""What the stages found, in plain arrays: the one thing a spec is composed from."""

from __future__ import annotations

from dataclasses import dataclass

from aggregation.types import (
    Claim,
    Corpus,
    FloatArray,
    IntArray,
    Settings,
    Status,
    Tier,
)


@dataclass(frozen=True)
class ClaimReading:
    """How one claim's wording reads; offsets are resolved to strings already."""

    text: str
    language: str
    polarity: int  # +1 asks for something, -1 forbids it
    side: int  # equal for two sentences only if they point the same way (text.direction.side)
    modal: str  # "must" | "should" | "may" | "none" | "unknown"
    is_norm: bool | None  # None: the language has no reader
    applies_when: tuple[str, ...]
    exceptions: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What was decided about one claim, and why."""

    status: Status
    tier: Tier
    strength: str | None  # "must" | "should" for common ground and provisional
    code: str  # reason code, a key of `words.REASONS`
    other: int | None = None  # the claim that represents this one, if the reason names one
    group: int | None = None  # the group that the reason names
    weight: float | None = None


@dataclass(frozen=True)
class Margin:
    """How far a clause is from losing its modality."""

    flips: int
    weakest: str


@dataclass(frozen=True)
class SelectionCertificate:
    """The proof that came with one budget's selection."""

    budget: str
    candidates: int
    chosen: int
    limit: float
    value: float | None
    upper_bound: float | None
    gap: float | None
    tolerance: float
    swaps: int
    types_gap: float | None = None


@dataclass(frozen=True)
class ThemeLabel:
    """One theme: its extractive title and keywords."""

    title: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """Everything `compose` needs. m claims in natural order of their ids, k opinion groups."""

    corpus: Corpus
    settings: Settings
    policy: dict[str, object]
    claims: tuple[Claim, ...]
    readings: tuple[ClaimReading, ...]
    family: IntArray  # (m,) index of the claim that represents each claim's near-duplicates
    theme: IntArray  # (m,) index into `themes`
    themes: tuple[ThemeLabel, ...]
    similar: tuple[tuple[int, int], ...]  # pairs that say nearly the same, i < j
    counters: tuple[tuple[int, int], ...]  # pairs that may contradict each other, by wording
    agree: IntArray  # (k + 1, m) served counts; last row pooled over everybody
    disagree: IntArray
    seen: IntArray
    group_sizes: IntArray  # (k,)
    direction: IntArray  # (m,) +1 agree, -1 disagree, 0 undecided
    representative: tuple[tuple[tuple[int, str], ...], ...]  # per group: (claim, "agree"|…)
    decisions: tuple[Decision, ...]
    margins: tuple[Margin | None, ...]
    stability: FloatArray  # (m,)
    certificates: tuple[SelectionCertificate, ...]
    weights_residual: float | None
    unrepresented: int
    participants: int
    reactions: int
    reactions_not_served: int
    embedding: dict[str, object]
    similarity: dict[str, object]
    votes_digest: str
