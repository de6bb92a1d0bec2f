"""Which claims may contradict each other, and how sure is that? Candidates, never a verdict.

wording: alike in content and opposed in direction. reactions: surely apart in what people answered.
search: both together, most telling first. evidence: what speaks for one pair, in words. judged:
what people decided about pairs. asking: which pairs to put to citizens as either/or questions, and
what their answers say.
On real text one to two candidates in four are contradictions, so a person has the last word.
"""

from aggregation.stance.asking import Answers, Pair, Verdict, read_answers, to_ask
from aggregation.stance.evidence import Evidence
from aggregation.stance.judged import Judged, judged, tense
from aggregation.stance.search import TELLING, gather
from aggregation.stance.wording import Candidate, candidates

__all__ = [
    "TELLING",
    "Answers",
    "Candidate",
    "Evidence",
    "Judged",
    "Pair",
    "Verdict",
    "candidates",
    "gather",
    "judged",
    "read_answers",
    "tense",
    "to_ask",
]
