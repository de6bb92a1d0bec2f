"""The method of equal shares: everybody holds the same money, and approvers pay together."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import compress
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.welfare.committee.room import NEAR, Members, Room, approvals_of, least

if TYPE_CHECKING:
    from aggregation.welfare.problem import ClauseProblem


def equal_shares(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """The method of equal shares for k seats, without a completion phase.

    Everybody holds k / n; a column costs 1, and its approvers pay the same each, or all they have
    left. Next comes the column with the lowest price per head. Ends when no column's approvers can
    pay for it, so the result may have fewer than k columns. A column fixed in is paid for as far
    as its approvers can.
    """
    checked = approvals_of(approvals)
    room = Room(checked, k, problem, order)
    one_price = [Fraction(1)], np.zeros(checked.shape[1], dtype=np.int64)
    return _buy(checked, one_price, Fraction(k), room=room)


def equal_shares_pb(
    approvals: BoolArray,
    costs: ArrayLike,
    budget: float,
    utility: Literal["cardinality", "cost"] = "cardinality",
    *,
    order: Sequence[int] | None = None,
) -> Members:
    """The method of equal shares for participatory budgeting, without a completion phase.

    costs (m,) above 0 and budget: taken as the decimal numbers they are written as, so 0.1 + 0.2
    is 0.3. What an approver gains by a column is 1 ("cardinality") or its cost ("cost"); next
    comes the column with the lowest price per head and per gain.
    """
    checked = approvals_of(approvals)
    m = checked.shape[1]
    prices = _costs(costs, m)
    if isinstance(budget, bool) or not math.isfinite(budget) or budget < 0:
        raise AggregationInputError(f"budget {budget}: give a finite number of at least 0.")
    if utility not in ("cardinality", "cost"):
        raise AggregationInputError(f"utility {utility!r}: give 'cardinality' or 'cost'.")
    room = Room(checked, m, None, order)
    return _buy(checked, prices, _decimal(budget), room=room, per_cost=utility == "cost")


class _Purses:
    """What is left of everybody's equal share: floats `left`, and the same exactly when asked.

    Amounts are in shares of one person at the start. Exact ones are whole numbers of 1 / unit, kept
    once for all who hold the same (`amounts` rising, `holding` says who has which), and lag behind:
    purchases are settled when an exact answer is needed.
    """

    def __init__(self, approvals: BoolArray, prices: list[Fraction]) -> None:
        n, m = approvals.shape
        self.approvals = np.ascontiguousarray(approvals.T)
        self.people: list[IntArray | None] = [None] * m
        self.prices = prices
        self.price = [float(one) for one in prices]
        self.left = np.ones(n)
        self.unit = math.lcm(*(one.denominator for one in prices))
        self.amounts = [self.unit]
        self.holding = np.zeros(n, dtype=np.int64)
        self.unsettled: list[int] = []

    def approvers(self, column: int) -> IntArray:
        found = self.people[column]
        if found is None:
            found = self.people[column] = self.approvals[column].nonzero()[0]
        return found

    def rate(self, column: int, *, start: float) -> float | None:
        """The most that an approver pays if they buy the column now; None if they cannot.

        start : a lower bound; Newton's steps for sum_i min(left_i, rate) = price rise from there.
        """
        left, price = self.left.take(self.approvers(column)), self.price[column]
        total = float(np.add.reduce(left))
        if total < price * (1 - NEAR):
            return None
        if total < price * (1 + NEAR):
            exact = self.exact_rate(column)
            return None if exact is None else float(exact)
        rate, before = start, 0
        while rich := int(np.count_nonzero(left >= rate)):
            if rich == before:  # the same people pay all they have: the line does not bend any more
                break
            rate += max(price - float(np.add.reduce(np.minimum(left, rate))), 0.0) / rich
            before = rich
        return rate

    def exact_rate(self, column: int) -> Fraction | None:
        """`rate` as a fraction."""
        for bought in self.unsettled:
            self._settle(bought)
        self.unsettled.clear()
        return self._solve(column)

    def buy(self, column: int, rate: float | None) -> None:
        """Take the payments; None: all that the approvers have."""
        people = self.approvers(column)
        most = np.inf if rate is None else rate
        self.left[people] = np.maximum(self.left[people] - most, 0.0)
        self.unsettled.append(column)

    def _solve(self, column: int) -> Fraction | None:
        """The exact rate: the poorest pay all they have, as long as equal parts ask for more."""
        price = self.prices[column]
        rest = price.numerator * (self.unit // price.denominator)
        holders = self._holders(self.approvals[column])
        rich = sum(holders)
        for amount, number in zip(self.amounts, holders, strict=True):
            if amount * rich >= rest:
                return Fraction(rest, rich * self.unit)
            rest, rich = rest - amount * number, rich - number
        return None

    def _settle(self, column: int) -> None:
        """Take the exact payments for a column; all that its approvers have if it is too dear."""
        rate = self._solve(column)
        paying = self.approvals[column]
        scaled = Fraction(self.amounts[-1]) if rate is None else rate * self.unit
        self.unit *= scaled.denominator
        kept = [amount * scaled.denominator for amount in self.amounts]
        paid = [max(amount - scaled.numerator, 0) for amount in kept]
        held = *compress(kept, self._holders(~paying)), *compress(paid, self._holders(paying))
        self.amounts = sorted(set(held))
        place = {amount: index for index, amount in enumerate(self.amounts)}
        moved = np.array([[place.get(amount, 0) for amount in after] for after in (kept, paid)])
        self.holding = moved[paying.astype(np.int64), self.holding]

    def _holders(self, people: BoolArray) -> list[int]:
        """How many of these people hold each amount."""
        counted: list[int] = np.bincount(self.holding[people], minlength=len(self.amounts)).tolist()
        return counted


def _buy(
    approvals: BoolArray,
    costs: tuple[list[Fraction], IntArray],
    budget: Fraction,
    *,
    room: Room,
    per_cost: bool = False,
) -> Members:
    """Equal shares: buy the cheapest column per head until none can be paid for.

    costs : the different costs, and which of them each column has

    Prices only rise, so a price of an earlier round is a lower bound: the heap looks again at a
    column only when its old price is the lowest.
    """
    if len(approvals) == 0 or budget == 0:
        for column in room.fixed:
            room.take(column)
        return room.members
    share = budget / len(approvals)
    gains = costs[0] if per_cost else [Fraction(1)] * len(costs[0])
    gain = np.array([float(one) for one in gains])[costs[1]].tolist()
    prices = [cost / share for cost in costs[0]]
    purses = _Purses(approvals, [prices[kind] for kind in costs[1].tolist()])
    for column in room.fixed:
        purses.buy(column, purses.rate(column, start=0.0))
        room.take(column)
    size = approvals.sum(axis=0)
    rates = (np.array(purses.price) / np.maximum(size, 1)).tolist()
    # The round in which a column's rate was worked out: at first everybody has all their money.
    seen = [-1 if room.fixed else 0] * len(rates)
    enough = size >= np.array([math.ceil(price) for price in prices])[costs[1]]
    able = np.flatnonzero(room.open & enough).tolist()
    heap = [(rates[j] / gain[j], int(room.rank[j]), j) for j in able]
    heapq.heapify(heap)

    def exact_price(column: int) -> Fraction:
        rate = purses.exact_rate(column)
        known = purses.prices[column] if rate is None else rate
        return known / gains[costs[1][column]] if per_cost else known

    while room.vacant:
        near: list[int] = []
        limit = math.inf
        while heap and heap[0][0] <= limit:
            price, _, column = heapq.heappop(heap)
            if not room.open[column]:
                continue
            if seen[column] == len(room.chosen):
                near.append(column)
                limit = min(limit, price * (1 + NEAR))
                continue
            rate = purses.rate(column, start=rates[column])
            if rate is not None:
                rates[column], seen[column] = rate, len(room.chosen)
                heapq.heappush(heap, (rate / gain[column], int(room.rank[column]), column))
        if not near:
            break
        winner = least(near, exact_price, room.rank)
        purses.buy(winner, rates[winner])
        room.take(winner)
        for column in near:
            heapq.heappush(heap, (rates[column] / gain[column], int(room.rank[column]), column))
    return room.members


def _costs(costs: ArrayLike, m: int) -> tuple[list[Fraction], IntArray]:
    """The different costs as fractions, and which of them each column has."""
    given: FloatArray = np.asarray(costs, dtype=np.float64)
    if given.shape != (m,):
        raise AggregationInputError(f"costs: give {m} numbers, one for each column.")
    for column in np.flatnonzero(~(np.isfinite(given) & (given > 0))).tolist():
        raise AggregationInputError(
            f"costs[{column}]: {given[column]} is not a finite number above 0."
        )
    kinds, which = np.unique(given, return_inverse=True)
    return [_decimal(one) for one in kinds.tolist()], which


def _decimal(number: float) -> Fraction:
    return Fraction(repr(float(number)))
