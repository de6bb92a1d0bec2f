"""What the stages found, in plain arrays: the one thing a spec is composed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregation.completion import HeldOut
from aggregation.sensitivity import RuleOutcome
from aggregation.stance import Evidence
from aggregation.types import (
    Claim,
    Corpus,
    FloatArray,
    IntArray,
    Settings,
    Status,
    Tier,
)
from aggregation.votes import VoteTable


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
    absolute: bool  # "always", "never", "under no circumstances"
    actor: str | None  # whoever is to act, in the sentence's words
    addressee: str  # what kind of actor that is; "unknown" where the sentence does not say


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
    """How far a clause is from losing its strength; None where no number of people suffices.

    flips, removals, additions: supporters who change sides, leave, or newcomers against
    weakest: the condition that fails first, POOLED or a group's number
    coordinated_share: those newcomers as a share of everybody then
    swap: people whose leaving would let another candidate take its place in the budget
    """

    flips: int | None
    removals: int | None
    additions: int | None
    weakest: int
    coordinated_share: float | None
    swap: int | None = None


@dataclass(frozen=True, eq=False)
class SelectionCertificate:
    """The proof that came with one budget's selection, computed from published precision.

    candidates, chosen, conflicts, tensions, clause of `ejr_plus` : claims, by index
    penalty, lost : what two chosen claims in tension cost, and what all of them cost together; the
        value and its upper bound are less by that
    x : (candidates,) share of each candidate in the relaxed programme
    prices : (row of the problem, price in the Nash programme, price in the harmonic one)
    removed, bound : without any `removed` part of the people, the others' relative utilities
        move by at most `bound` in chi-square
    """

    budget: str
    candidates: tuple[int, ...]
    chosen: tuple[int, ...]
    limit: int
    theme_cap: int
    value: float
    upper_bound: float
    gap: float
    tolerance: float
    swaps: int
    x: FloatArray
    prices: tuple[tuple[str, float, float], ...]
    conflicts: tuple[tuple[int, int], ...]
    tensions: tuple[tuple[int, int], ...]
    penalty: float
    lost: float
    ejr_plus: EjrPlus
    removed: float
    bound: float
    rules: tuple[RuleOutcome, ...]
    survivors: tuple[int, ...]


@dataclass(frozen=True)
class EjrPlus:
    """Whether everybody got their due among the candidates, and who came nearest to being owed."""

    holds: bool
    worst: float
    claim: int | None


@dataclass(frozen=True)
class Contested:
    """How each rule would serve people on the claims that divide them about evenly."""

    candidates: int
    seats: int
    people: int  # who approve any of the candidates; all figures are about them
    rules: tuple[RuleOutcome, ...]  # `chosen` are claims, by index, as are the survivors
    survivors: tuple[int, ...]


@dataclass(frozen=True)
class Shares:
    """How the adopted clauses share one unit of priority.

    residual: no other weights are better by more; unrepresented: people whose position no adopted
    clause takes; silent: people for whom no adopted clause has any value
    """

    residual: float | None
    unrepresented: int
    silent: int


@dataclass(frozen=True)
class Estimates:
    """How the answers nobody gave were estimated, and how well that predicts hidden answers."""

    rank: int
    rounds: int
    tried: tuple[tuple[int, float], ...]  # (rank, held-out log-loss)
    heldout: HeldOut | None


@dataclass(frozen=True)
class Grouping:
    """How the groups were found: order[i] is group i's place by size.

    min_mass : the least share of the people placed that a group could hold
    """

    silhouette: float
    order: tuple[int, ...]
    k_max: int
    min_mass: float


@dataclass(frozen=True)
class TopicLabel:
    """One topic of a theme: its extractive title and keywords, and how well it is found again."""

    title: str
    keywords: tuple[str, ...]
    stability: float


@dataclass(frozen=True)
class ThemeLabel:
    """One theme: its id, which later runs keep, and its extractive title and keywords.

    language : of the title and the keywords
    stability : how well it is found again, 0 to 1; None where people or a language made it
    compared : False for claims in a language that no embedder knows, which nothing is near to
    quotes : (1 asks or -1 forbids, claim by index) nearest to its middle on each side
    topics : each with its claims, by index
    """

    id: str
    title: str
    keywords: tuple[str, ...]
    language: str
    stability: float | None
    compared: bool
    quotes: tuple[tuple[int, int], ...]
    topics: tuple[tuple[TopicLabel, tuple[int, ...]], ...]


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
    similar: Mapping[int, Sequence[int]]  # who says nearly the same, nearest first
    confirmed: tuple[tuple[int, int], ...]  # pairs that contradict, as people found
    possible: tuple[Evidence, ...]  # pairs that may, claims by id
    agree: IntArray  # (k + 1, m) served counts; last row pooled over everybody
    disagree: IntArray
    seen: IntArray
    group_sizes: IntArray  # (k,)
    direction: IntArray  # (m,) +1 agree, -1 disagree, 0 undecided
    representative: tuple[tuple[tuple[int, str], ...], ...]  # per group: (claim, "agree"|…)
    decisions: tuple[Decision, ...]
    margins: tuple[Margin | None, ...]
    stability: FloatArray  # (m,)
    held: tuple[str | None, ...]  # strength in the version before
    certificates: tuple[SelectionCertificate, ...]
    contested: Contested | None
    shares: Shares
    estimates: Estimates
    grouping: Grouping
    participants: int
    reactions: int
    reactions_not_served: int
    embedding: dict[str, object]
    similarity: dict[str, object]
    votes_digest: str
    judgements: VoteTable | None = None  # people x the corpus's answers
