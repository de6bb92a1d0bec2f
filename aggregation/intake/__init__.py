"""Takes real consultations in: Polis exports and plain tables of statements.

`read_polis`, `read_polis_folder` and `read_statements_csv` read a source whole and give an
`Intake`, or raise `IntakeError` naming every defect by file, row, field, rule and remedy. Text is
kept byte for byte: markup and spreadsheet formulas are data here, made harmless where shown.

Reading order: polis, then sheet and records (how one file is opened), cells (one value at a
time), comments and ballots (one file at a time), assemble (both together), statements; published is
the table of votes that a spec is recomputed from; judgements are people's words on AI answers.
"""

from aggregation.errors import IntakeError, Problem
from aggregation.intake.assemble import ModerationMode
from aggregation.intake.judgements import read_answers, read_judgements
from aggregation.intake.model import Intake, Participant, VoteArrays
from aggregation.intake.polis import read_polis, read_polis_folder
from aggregation.intake.published import read_votes, write_votes
from aggregation.intake.statements import read_statements_csv

__all__ = [
    "Intake",
    "IntakeError",
    "ModerationMode",
    "Participant",
    "Problem",
    "VoteArrays",
    "read_answers",
    "read_judgements",
    "read_polis",
    "read_polis_folder",
    "read_statements_csv",
    "read_votes",
    "write_votes",
]
