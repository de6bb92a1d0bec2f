"""Answers that people judged, read from two tables, and refused by row and field."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import trials
import worlds

from aggregation import intake
from aggregation.__main__ import main
from aggregation.errors import IntakeError

ANSWER_COLUMNS = ("answer", "claim", "prompt", "text", "by", "prompt-by")


def write(path: Path, *rows: tuple[object, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    rows = [(a.id, a.claim, a.prompt, a.text, a.by, a.prompt_by) for a in trials.ANSWERS]
    return write(tmp_path / "answers.csv", ANSWER_COLUMNS, *rows)


@pytest.fixture
def judgements(tmp_path: Path) -> Path:
    table = trials.judgements()
    rows = zip(
        (table.participants[n] for n in table.rows),
        (table.statements[n] for n in table.columns),
        table.values.data.tolist(),
        strict=True,
    )
    return write(tmp_path / "judged.csv", ("participant", "answer", "judgement"), *rows)


def test_both_tables_come_back(answers, judgements):
    """Each answer with who wrote it and the file it came from; each judgement once."""
    found = intake.read_answers(answers)
    assert [(a.id, a.text, a.by, a.prompt_by) for a in found] == [
        (a.id, a.text, a.by, a.prompt_by) for a in trials.ANSWERS
    ]
    assert {one.source for one in found} == {"answers.csv"}
    table = intake.read_judgements(judgements, among=found)
    assert table.digest() == trials.judgements().digest()


def test_an_answer_nobody_signed_is_refused(tmp_path):
    """Who wrote it is required, as are its prompt and its claim; ids stand once."""
    rows = [("1", "0", "Q?", "A.", "", "Ana"), ("2", "0", "Q?", "A.", "m", "Ana")]
    path = write(tmp_path / "answers.csv", ANSWER_COLUMNS, *rows, rows[1])
    with pytest.raises(IntakeError) as refused:
        intake.read_answers(path)
    assert [(p.row, p.field) for p in refused.value.problems] == [(2, "by"), (4, "answer")]


def test_a_judgement_of_nothing_is_refused(answers, tmp_path):
    """An answer that is not there, and a value that is none of the three."""
    head = ("participant", "answer", "judgement")
    path = write(tmp_path / "judged.csv", head, ("p", "9", 1), ("p", "1", 2))
    with pytest.raises(IntakeError) as refused:
        intake.read_judgements(path, among=intake.read_answers(answers))
    assert [(p.row, p.field) for p in refused.value.problems] == [(2, "answer"), (3, "judgement")]


def test_the_command_line_takes_them_through_to_pairs(answers, judgements, tmp_path):
    """From four CSV files to training pairs, and a bundle that repeats itself."""
    head = ("comment-id", "author-id", "moderated", "comment-body")
    said = [(s.id, "w", 1, s.text) for s in worlds.corpus().statements]
    comments = write(tmp_path / "comments.csv", head, *said)
    cast = zip(*(part.tolist() for part in worlds.ballots()), strict=True)
    rows = [(claim, person, vote) for person, claim, vote in cast]
    votes = write(tmp_path / "votes.csv", ("comment-id", "voter-id", "vote"), *rows)
    out, every = tmp_path / "out", tmp_path / "every"
    files = ("--comments", comments, "--votes", votes, "--answers", answers)
    assert main(["run", *map(str, (*files, "--judgements", judgements, "--out", out))]) == 0
    assert main(["export", str(out / "spec.json"), "--out", str(every)]) == 0
    (pair,) = [json.loads(line) for line in (every / "pairs.jsonl").read_text().splitlines()]
    assert (pair["chosen_by"], pair["rejected_by"]) == ("model-a", "model-b")
    assert main(["verify", str(every / "bundle.zip")]) == 0
