"""What speaks for it that two claims contradict each other, in figures and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["text", "reactions", "both"]


@dataclass(frozen=True)
class Evidence:
    """One pair that may contradict itself; ids in natural order.

    similarity : cosine of the contents; both : people who took a side (agree or disagree) on both
    association : log-odds ratio of agreement between them, drawn towards 0, with its 95 % interval
        [lo, hi]; negative: who agrees with one tends to disagree with the other. None where fewer
        than 20 people took a side on both.
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
            said.append("Nobody took a side on both.")
        else:
            people = "1 person" if self.both == 1 else f"{self.both:,} people"
            said.append(f"{people} took a side on both; {self.agree_both:,} agreed to both.")
        if self.hi is not None and self.hi < 0:
            said.append("Who agrees with one tends to disagree with the other.")
        elif self.lo is not None and self.lo > 0:
            said.append("Who agrees with one tends to agree with the other, which speaks against.")
        return " ".join(said)
