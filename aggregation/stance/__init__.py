"""Which claims may contradict each other, and how sure is that? Candidates, never a verdict.

wording: alike in content and opposed in direction. evidence: what speaks for a pair, most telling
first. asking: which pairs to put to citizens as either/or questions, and what their answers say.
On real text about one candidate in four is a contradiction, so that a person has the last word.
"""

from aggregation.stance.asking import Answers, Pair, Verdict, read_answers, to_ask
from aggregation.stance.evidence import Evidence
from aggregation.stance.wording import Candidate, candidates

__all__ = [
    "Answers",
    "Candidate",
    "Evidence",
    "Pair",
    "Verdict",
    "candidates",
    "read_answers",
    "to_ask",
]
