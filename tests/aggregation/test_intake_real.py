"""Real exports are read to the counts that were taken by other means."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from aggregation.intake import read_polis, read_polis_folder
from aggregation.types import Moderation

# folder: statements, accepted, undecided, rejected, participants, votes, repeated votes, as of
FACTS = {
    "ccai": (1418, 275, 488, 655, 1126, 38_252, 0, "2023-07-18T13:20:33Z"),
    "polis/vtaiwan.uberx": (197, 99, 20, 78, 1921, 49_443, 554, "2019-02-10T12:59:22Z"),
    "polis/scoop-hivemind.biodiversity": (
        *(316, 154, 0, 162, 536, 29_719, 83),
        "2019-09-23T04:58:46Z",
    ),
    "polis/american-assembly.bowling-green": (
        *(896, 607, 0, 289, 2031, 225_524, 0),
        "2018-02-13T05:58:16Z",
    ),
    "polis/15-per-hour-seattle": (54, 30, 1, 23, 339, 2872, 123, "2019-02-13T11:29:23Z"),
    "polis/bg2050-volunteers": (371, 316, 0, 55, 126, 14_283, 58, "2024-10-05T02:25:01Z"),
    "polis/austria-climate.5twd2jsnkf.2022-08-08": (
        *(522, 277, 0, 245, 1116, 61_384, 552),
        "2022-05-08T10:03:27Z",
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_real_export_has_its_known_counts(data_dir: Path, name: str) -> None:
    """Counted beforehand with a few lines of another program."""
    intake = read_polis_folder(data_dir / name)
    names = ("statements", "accepted", "undecided", "rejected", "participants", "votes")
    counts = tuple(intake.counts[key] for key in (*names, "repeated votes"))
    assert (*counts, intake.corpus.as_of) == FACTS[name]
    assert intake.table().values.nnz == intake.counts["votes"]


@pytest.mark.parametrize(
    "name", [name for name in FACTS if "bowling" not in name and name != "ccai"]
)
def test_log_and_matrix_of_a_real_export_agree(data_dir: Path, name: str) -> None:
    """Polis's matrix is each person's latest vote, so both files give one table."""
    folder = data_dir / name
    comments, log = folder / "comments.csv", folder / "votes.csv"
    matrix = folder / "participants-votes.csv"
    from_log = read_polis(comments, log, title="t").table()
    from_matrix = read_polis(comments, None, matrix, title="t").table()
    assert from_log.digest() == from_matrix.digest()
    assert not [note for note in read_polis_folder(folder).notes if note.startswith("Cells")]


def test_ccai_without_the_people_its_team_removed(data_dir: Path) -> None:
    """37 people and their 1,413 votes go; what they wrote stays."""
    intake = read_polis_folder(data_dir / "ccai", exclude=data_dir / "ccai" / "ids-to-toss.csv")
    assert intake.counts["participants"] == 1126 - 37
    assert intake.counts["votes"] == 38_252 - 1413
    assert intake.counts["statements"] == 1418
    assert any(note.startswith("Excluded participants: 37, with 1,413") for note in intake.notes)


def test_ccai_votes_by_answer_and_group(data_dir: Path) -> None:
    """30,367 agree, 4,858 disagree, 3,027 pass; groups of 708 and 386, 32 people in none."""
    intake = read_polis_folder(data_dir / "ccai")
    answers = tuple(intake.counts[key] for key in ("agree", "disagree", "unsure"))
    assert answers == (30_367, 4858, 3027)
    groups = [person.group for person in intake.participants]
    assert (groups.count("0"), groups.count("1"), groups.count(None)) == (708, 386, 32)


def test_biodiversity_has_two_comments_without_a_column(data_dir: Path) -> None:
    """Ids are not contiguous in the matrix: a note, and no error."""
    intake = read_polis_folder(data_dir / "polis" / "scoop-hivemind.biodiversity")
    assert "Comments without a column in participants-votes.csv: 6, 7." in intake.notes
    assert "Statements without votes: 2 of 316." in intake.notes


def test_titles_come_from_the_summary(data_dir: Path) -> None:
    """vTaiwan's topic and description are in Chinese."""
    corpus = read_polis_folder(data_dir / "polis" / "vtaiwan.uberx").corpus
    assert corpus.title == "UberX 自用車載客 — vTaiwan.tw"
    assert corpus.question.startswith("線上叫車創新服務迅速竄起")


def test_authors_vote_on_their_own_statements_only_unserved(data_dir: Path) -> None:
    """In Seattle all 54 statements were voted on by their authors."""
    votes = read_polis_folder(data_dir / "polis" / "15-per-hour-seattle").votes
    assert int((~votes.served).sum()) == 54


def test_every_claim_is_the_text_of_its_comment(data_dir: Path) -> None:
    """Offsets count code points of the stored text, which lacks bg2050's trailing newlines."""
    corpus = read_polis_folder(data_dir / "polis" / "bg2050-volunteers").corpus
    for claim, statement in zip(corpus.claims, corpus.statements, strict=True):
        assert statement.text[claim.span.start : claim.span.end] == statement.text.strip() != ""
    assert {one.moderation for one in corpus.statements} == {
        Moderation.ACCEPTED,
        Moderation.REJECTED,
    }


@pytest.mark.parametrize("name", ["vtaiwan.uberx", "15-per-hour-seattle"])
def test_the_order_of_rows_changes_nothing(data_dir: Path, tmp_path: Path, name: str) -> None:
    """Files with their rows shuffled give the same corpus, people, notes and table of votes."""
    before = read_polis_folder(data_dir / "polis" / name, id="x", title="t")
    shuffle = random.Random(5)
    for file in ("comments.csv", "votes.csv", "participants-votes.csv", "summary.csv"):
        text = (data_dir / "polis" / name / file).read_text(encoding="utf-8")
        if file in ("votes.csv", "participants-votes.csv"):  # one line is one row in these
            header, *rows = text.splitlines()
            shuffle.shuffle(rows)
            text = "\n".join((header, *rows))
        (tmp_path / file).write_text(text, encoding="utf-8")
    _shuffle_comments(tmp_path / "comments.csv", shuffle)
    after = read_polis_folder(tmp_path, id="x", title="t")
    assert after.table().digest() == before.table().digest()
    assert (after.corpus, after.participants, after.notes, after.counts) == (
        *(before.corpus, before.participants),
        *(before.notes, before.counts),
    )
    np.testing.assert_array_equal(after.votes.timestamp, before.votes.timestamp)


def _shuffle_comments(path: Path, shuffle: random.Random) -> None:
    """Shuffle the rows of a file whose cells may span lines."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    shuffle.shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
