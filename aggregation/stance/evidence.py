"""What speaks for it that two claims contradict each other, in figures and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["text", "reactions", "both"]


@dataclass(frozen=True)
class Evidence:
    """One pair that may contradict itself; ids in natural order.

    similarity : cosine of the contents; both : people who answered the two claims
    association : log-odds ratio of agreement between them, drawn towards 0, with its 95 % interval
        [lo, hi]; negative: who agrees with one tends to disagree with the other. None where too few
        people answered both.
    agree_both : people who agreed to both
    source : what found the pair; score : the greater the more telling, in [0, 1]; no probability
    """

    first: str
    second: str
    similarity: float
    both: int
    association: float | None
    lo: float | None
    hi: float | None
    agree_both: int
    source: Source
    score: float

    @property
    def why(self) -> str:
        """Why a person should look at the pair, in sentences made from these figures."""
        said = []
        if self.source != "reactions":
            said.append("One asks for what the other speaks against, in similar words.")
        if self.both == 0:
            said.append("Nobody answered both.")
        elif self.both == 1:
            said.append(f"1 person answered both and {_did(self.agree_both)} agree to both.")
        else:
            said.append(f"{self.both:,} people answered both; {self.agree_both:,} agreed to both.")
        if self.hi is not None and self.hi < 0:
            said.append("Who agrees with one tends to disagree with the other.")
        elif self.lo is not None and self.lo > 0:
            said.append("Who agrees with one tends to agree with the other, which speaks against.")
        return " ".join(said)


def _did(count: int) -> str:
    return "did" if count else "did not"
