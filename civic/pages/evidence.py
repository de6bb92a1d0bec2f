"""What citizens answered about a possible contradiction, as an organizer may see it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aggregation.stance import Answers, Verdict, read_answers
from civic.analysis.findings import groups_of_people, newest_run
from civic.consultations.models import Consultation
from civic.curation.asking import answers_by_person
from civic.curation.selectors import Pair


@dataclass(frozen=True)
class Asked:
    """The answers to one pair. `groups` is empty where telling them could tell on somebody."""

    answers: Answers
    verdict: Verdict
    groups: tuple[tuple[str, Answers, Verdict], ...] = ()

    @property
    def n(self) -> int:
        return total(self.answers)


def total(answers: Answers) -> int:
    """How many people answered."""
    return answers.telling + answers.neither + answers.unsure


def answered_pairs(consultation: Consultation, pairs: Iterable[Pair]) -> dict[Pair, Asked]:
    """Counts by pair, and by opinion group where each one has k people or none, else not at all.

    Were one group left out, its numbers could be had by subtraction. Pairs with fewer than k
    answers are not there.
    """
    wanted, k = set(pairs), consultation.k
    rows = [row for row in answers_by_person(consultation) if row[0] in wanted]
    if not rows:
        return {}
    groups = groups_of_people(newest_run(consultation))
    counts: defaultdict[Pair, defaultdict[str, Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for pair, person, value in rows:
        counts[pair][groups.get(person, "")][value] += 1
    found = {}
    for pair, by_group in counts.items():
        everybody = sum(by_group.values(), Counter())
        if everybody.total() < k:
            continue
        answers = Answers(**everybody)
        cells = [(name, Answers(**counter)) for name, counter in sorted(by_group.items())]
        told = len(cells) > 1 and all(total(cell) >= k for _, cell in cells)
        shown = tuple((name, cell, read_answers(cell)) for name, cell in cells if told)
        found[pair] = Asked(answers, read_answers(answers), shown)
    return found
