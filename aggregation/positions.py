"""Where each citizen stands on each claim: as she answered, else as the completion estimates.

Positions fill the budgets and order what is shown. They never count as anybody's answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from aggregation.completion import Completion
from aggregation.opinion import Groups, Support, wilson
from aggregation.types import FloatArray, IntArray
from aggregation.votes import VoteTable

BLOCK = 2_000  # people estimated at once
LARGE = 2**24  # positions; more of them are kept in single precision, which halves their memory


@dataclass(frozen=True, eq=False)
class Positions:
    """Positions of the n people of `served` on its m claims, computed for the columns asked for.

    direction (m,): +1 or 0 where siding with a claim means agreeing, -1 where it means disagreeing
    """

    served: VoteTable
    model: Completion
    groups: Groups
    support: Support
    direction: IntArray

    def siding(self, columns: IntArray) -> FloatArray:
        """(n, len(columns)) in 0..1, how far each person sides with the claims' directions.

        An estimate counts at most the lower bound of what her group answered (everybody's for
        people without a group): a claim that few people were asked about gains nothing from
        predictions.
        """
        against = self.direction[columns] < 0
        lower = self._lower(columns, against)
        n = len(self.served.participants)
        found = np.empty((n, columns.size), self._precision(columns))
        for start in range(0, n, BLOCK):
            rows = np.arange(start, min(start + BLOCK, n))
            estimate = self.model.probability(rows=rows, columns=columns)
            estimate = np.where(against, 1.0 - estimate, estimate)
            found[rows] = np.minimum(estimate, lower[self.groups.labels[rows]])
        for slot, people, votes in self._answers(columns):
            found[people, slot] = (1.0 + (-votes if against[slot] else votes)) / 2.0
        return found

    def agreeing(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """(rows, columns) chance of agreement, 0, 1/2 or 1 where somebody answered; uncapped."""
        found = self.model.probability(rows=rows, columns=columns)
        place = np.full(len(self.served.participants), -1, dtype=np.int64)
        place[rows] = np.arange(rows.size)
        for slot, people, votes in self._answers(columns):
            asked = place[people] >= 0
            found[place[people[asked]], slot] = (1.0 + votes[asked]) / 2.0
        return found

    def mean_agreement(self) -> FloatArray:
        """(m,) mean over people of `agreeing`."""
        n, m = self.served.shape
        values, columns = self.served.values.data, self.served.columns
        total = np.bincount(columns, weights=(1.0 + values) / 2.0, minlength=m)
        indptr = self.served.values.indptr
        for start in range(0, n, BLOCK):
            rows = np.arange(start, min(start + BLOCK, n))
            estimate = self.model.probability(rows=rows)
            own = slice(indptr[start], indptr[rows[-1] + 1])
            estimate[self.served.rows[own] - start, columns[own]] = 0.0
            total += estimate.sum(axis=0)
        return np.asarray(total / max(n, 1), dtype=np.float64)

    def _precision(self, columns: IntArray) -> type[np.floating[Any]]:
        large = len(self.served.participants) * columns.size > LARGE
        return np.float32 if large else np.float64

    def _answers(self, columns: IntArray) -> Iterator[tuple[int, IntArray, FloatArray]]:
        """Per column asked for: its slot, who answered, and -1, 0 or 1."""
        by_claim = self._by_claim
        for slot, column in enumerate(columns.tolist()):
            own = slice(by_claim.indptr[column], by_claim.indptr[column + 1])
            yield slot, by_claim.indices[own], by_claim.data[own].astype(np.float64)

    @cached_property
    def _by_claim(self) -> Any:
        return self.served.values.tocsc()

    def _lower(self, columns: IntArray, against: np.ndarray[Any, Any]) -> FloatArray:
        """(k + 1, len(columns)) lower bounds of siding; the last row, label -1, is everybody."""
        s = self.support
        agree = np.vstack([s.agree, s.agree_all])[:, columns]
        disagree = np.vstack([s.disagree, s.disagree_all])[:, columns]
        seen = np.vstack([s.seen, s.seen_all])[:, columns]
        return wilson(np.where(against, disagree, agree), seen)[0]
