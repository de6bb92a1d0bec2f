"""What a sound Polis export becomes: statements, claims, latest votes, and notes on choices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aggregation.errors import AggregationInputError
from aggregation.intake import Intake, Participant, read_polis, read_polis_folder
from aggregation.text import clean_text
from aggregation.types import Moderation

COMMENTS = """\
timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1600000002000,later,10,a,1,0,1,"  Be honest,
and say ""I do not know"". "
1600000001000,early,9,b,0,0,0,Be brief.
1600000001500,mid,2,,0,1,-1,=cmd|'/C calc'!A0 <b>now</b>
"""
LOG = """\
timestamp,datetime,comment-id,voter-id,vote
1600000009000,x,10,b,1
1600000008000,x,10,b,-1
1600000007000,x,10,a,1
1600000007000,x,9,a,0
1600000007000,x,2,c10,-1
1600000007000,x,2,c9,1
"""
MATRIX = """\
participant,xid,group-id,n-comments,n-votes,n-agree,n-disagree,2,9,10
c10,,1,0,1,0,1,-1,,
c9,,0,0,1,1,0,1,,
a,,0,1,2,1,0,,0,1
b,,,1,1,1,0,,,1
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small export with every trap that real ones have."""
    (tmp_path / "comments.csv").write_text(COMMENTS, encoding="utf-8")
    (tmp_path / "votes.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "participants-votes.csv").write_text(MATRIX, encoding="utf-8")
    return tmp_path


def votes_of(intake: Intake) -> dict[tuple[str, str], int]:
    """(person, claim) -> vote."""
    votes = intake.votes
    return {
        (person, claim): int(value)
        for person, claim, value in zip(votes.participant, votes.claim, votes.value, strict=True)
    }


def test_statements_stand_in_natural_order_with_text_as_written(export: Path) -> None:
    """Comment 2 comes before 9 and 10, and quotes, newlines and outer spaces survive."""
    statements = read_polis_folder(export).corpus.statements
    assert [one.id for one in statements] == ["2", "9", "10"]
    assert statements[2].text == 'Be honest,\nand say "I do not know".'


def test_markup_and_formulas_are_data(export: Path) -> None:
    """A text that a browser or a spreadsheet would run is kept exactly."""
    assert read_polis_folder(export).corpus.statement("2").text == "=cmd|'/C calc'!A0 <b>now</b>"


def test_a_claim_spans_the_whole_text(export: Path) -> None:
    """The claim of a comment has the comment's id and its text, cleaned as at every door."""
    corpus = read_polis_folder(export).corpus
    claim = corpus.claims[2]
    assert (claim.id, claim.span.statement) == ("10", "10")
    text = corpus.statement("10").text
    assert text[claim.span.start : claim.span.end] == text == clean_text(text)


def test_moderation_and_authors_are_kept(export: Path) -> None:
    """1, 0, -1 are accepted, waiting, rejected; an empty author is nobody."""
    statements = read_polis_folder(export).corpus.statements
    assert [(one.author, one.moderation) for one in statements] == [
        (None, Moderation.REJECTED),
        ("b", Moderation.WAITING),
        ("a", Moderation.ACCEPTED),
    ]


def test_the_latest_vote_counts_even_if_it_stands_first(export: Path) -> None:
    """b disagreed and then agreed; the file lists the agreement first."""
    intake = read_polis_folder(export)
    assert votes_of(intake) == {
        ("a", "9"): 0,
        ("a", "10"): 1,
        ("b", "10"): 1,
        ("c9", "2"): 1,
        ("c10", "2"): -1,
    }
    assert intake.counts["repeated votes"] == 1
    assert any(note.startswith("Repeated votes dropped: 1;") for note in intake.notes)


def test_at_one_time_the_later_row_counts(export: Path) -> None:
    """Two answers of the same moment: the one further down the file, and a note."""
    with (export / "votes.csv").open("a", encoding="utf-8") as file:
        file.write("1600000007000,x,2,c9,-1\n")
    intake = read_polis_folder(export)
    assert votes_of(intake)["c9", "2"] == -1
    assert any("same time but another answer: 1;" in note for note in intake.notes)


def test_an_authors_own_vote_is_not_served(export: Path) -> None:
    """a wrote comment 10, so her agreement with it is no served reaction."""
    intake = read_polis_folder(export)
    own = (intake.votes.participant == "a") & (intake.votes.claim == "10")
    np.testing.assert_array_equal(intake.votes.served, ~own)
    assert any(note.startswith("Votes by authors on what they wrote: 1,") for note in intake.notes)


def test_log_and_matrix_give_the_same_votes(export: Path) -> None:
    """The matrix is the log's latest votes; only the log has times."""
    comments = export / "comments.csv"
    log = read_polis(comments, export / "votes.csv", title="t")
    matrix = read_polis(comments, None, export / "participants-votes.csv", title="t")
    assert log.table().digest() == matrix.table().digest()
    assert matrix.votes.timestamp is None
    assert log.votes.timestamp is not None
    assert log.votes.timestamp.max() == 1600000009000


def test_a_matrix_given_as_votes_is_recognised(export: Path) -> None:
    """A person who passes the matrix where the log is asked for gets what she means."""
    matrix = export / "participants-votes.csv"
    given = read_polis(export / "comments.csv", matrix, title="t")
    assert votes_of(given) == votes_of(read_polis_folder(export))
    assert given.participants == read_polis_folder(export).participants


def test_the_log_wins_over_the_matrix(export: Path) -> None:
    """One other vote, one cell filled and one empty only in the matrix: three cells, log counts."""
    changed = MATRIX.replace("c9,,0,0,1,1,0,1,,", "c9,,0,0,1,1,0,-1,,1")
    changed = changed.replace("c10,,1,0,1,0,1,-1,,", "c10,,1,0,1,0,1,,,")
    before = read_polis_folder(export)
    (export / "participants-votes.csv").write_text(changed, encoding="utf-8")
    after = read_polis_folder(export)
    assert votes_of(after) == votes_of(before)
    assert (
        "Cells in which participants-votes.csv differs from votes.csv: 3 (1 with another vote, "
        "1 empty, 1 filled only there); votes.csv counts."
    ) in after.notes


def test_people_keep_the_groups_of_the_source(export: Path) -> None:
    """Participants stand in natural order; b voted too little to be in a group."""
    assert read_polis_folder(export).participants == (
        Participant("a", group="0"),
        Participant("b", group=None),
        Participant("c9", group="0"),
        Participant("c10", group="1"),
    )


def test_as_of_is_the_newest_moment_of_both_files(export: Path) -> None:
    """The last vote is newer than the last comment; without times of votes comments decide."""
    assert read_polis_folder(export).corpus.as_of == "2020-09-13T12:26:49Z"
    (export / "votes.csv").unlink()
    assert read_polis_folder(export).corpus.as_of == "2020-09-13T12:26:42Z"


def test_seconds_and_iso_times_are_understood(export: Path) -> None:
    """1600000009 seconds, 1600000009000 milliseconds and the ISO moment are one moment."""
    moments = []
    for written in ("1600000009", "1600000009000", "2020-09-13T14:26:49+02:00"):
        log = LOG.replace("1600000009000", written)
        (export / "votes.csv").write_text(log, encoding="utf-8")
        moments.append(read_polis_folder(export).corpus.as_of)
    assert moments == ["2020-09-13T12:26:49Z"] * 3


def test_without_times_the_order_of_rows_decides(export: Path) -> None:
    """A log without a timestamp column: b's second row counts."""
    lines = [line.split(",", 2)[2] for line in LOG.splitlines()]
    (export / "votes.csv").write_text("\n".join(lines), encoding="utf-8")
    intake = read_polis_folder(export)
    assert votes_of(intake)["b", "10"] == -1
    assert intake.votes.timestamp is None


def test_with_nothing_accepted_undecided_statements_are_used(export: Path) -> None:
    """A conversation moderated openly accepts nothing by hand; rejection still holds."""
    comments = COMMENTS.replace(",1,0,1,", ",1,0,0,")
    (export / "comments.csv").write_text(comments, encoding="utf-8")
    intake = read_polis_folder(export)
    words = [one.moderation for one in intake.corpus.statements]
    assert words == [Moderation.REJECTED, Moderation.ACCEPTED, Moderation.ACCEPTED]
    assert intake.counts["undecided"] == 2
    assert intake.notes[0].endswith("undecided statements are used too (open).")
    strict = read_polis_folder(export, moderation="strict")
    assert Moderation.ACCEPTED not in {one.moderation for one in strict.corpus.statements}


def test_open_moderation_can_be_asked_for(export: Path) -> None:
    """With "open", comment 9 is used although comment 10 was accepted by hand."""
    intake = read_polis_folder(export, moderation="open")
    assert intake.corpus.statement("9").moderation is Moderation.ACCEPTED
    assert intake.corpus.statement("2").moderation is Moderation.REJECTED


def test_an_unknown_mode_of_moderation_is_refused(export: Path) -> None:
    """A misspelt mode names the modes there are."""
    with pytest.raises(AggregationInputError, match="auto, strict, open"):
        read_polis_folder(export, moderation="opne")


def test_excluded_people_lose_their_votes_and_keep_their_statements(export: Path) -> None:
    """a is taken out: her two votes go, comment 10 stays, an unknown id is noted."""
    tossed = export / "toss.csv"
    tossed.write_bytes(b"participant\na\r\n\nz\na\n")
    intake = read_polis_folder(export, exclude=tossed)
    assert "a" not in set(intake.votes.participant)
    assert [person.id for person in intake.participants] == ["b", "c9", "c10"]
    assert intake.corpus.statement("10").author == "a"
    assert intake.counts["excluded votes"] == 2
    assert (
        "Excluded participants: 1, with 2 votes; the statements they wrote (1) stay as moderated."
    ) in intake.notes
    assert "Ids to exclude that are not among the participants: z." in intake.notes


def test_statements_without_votes_beside_others_are_noted(export: Path) -> None:
    """Nobody voted on comment 11; it has its empty column in the table of votes."""
    with (export / "comments.csv").open("a", encoding="utf-8") as file:
        file.write("1600000000000,x,11,a,0,0,1,Nobody saw this.\n")
    intake = read_polis_folder(export)
    assert "Statements without votes: 1 of 4." in intake.notes
    assert "Comments without a column in participants-votes.csv: 11." in intake.notes
    table = intake.table()
    assert table.statements == ("2", "9", "10", "11")
    np.testing.assert_array_equal(np.diff(table.values.tocsc().indptr), [2, 1, 2, 0])


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_are_read_too(export: Path, delimiter: str) -> None:
    """Spreadsheets of many countries save CSV with semicolons."""
    before = read_polis_folder(export)
    for name in ("votes.csv", "participants-votes.csv"):
        text = (export / name).read_text(encoding="utf-8").replace(",", delimiter)
        (export / name).write_text(text, encoding="utf-8")
    assert read_polis_folder(export).table().digest() == before.table().digest()


def test_a_byte_order_mark_and_spellings_of_column_names_do_no_harm(export: Path) -> None:
    """Spreadsheets put a mark before the file and people write "Comment_ID"."""
    before = read_polis_folder(export)
    text = COMMENTS.replace("comment-id", " Comment_ID").replace("timestamp", "Timestamp")
    (export / "comments.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_polis_folder(export).corpus == before.corpus


def test_columns_of_newer_exports_are_passed_over(export: Path) -> None:
    """is-seed, is-meta and Polis's own consensus stand in newer files."""
    before = read_polis_folder(export)
    lines = COMMENTS.replace("moderated,", "moderated,is-meta,is-seed,group-informed-consensus,")
    lines = lines.replace(",1,0,1,", ",1,0,1,false,true,0.68,").replace(
        ",0,0,0,", ",0,0,0,false,false,0.5,"
    )
    lines = lines.replace(",0,1,-1,", ",0,1,-1,true,false,,")
    (export / "comments.csv").write_text(lines, encoding="utf-8")
    assert read_polis_folder(export).corpus == before.corpus


def test_numbers_written_by_data_tools_are_votes(export: Path) -> None:
    """Columns with empty cells come out of data tools as 1.0 and -1.0."""
    before = read_polis_folder(export)
    (export / "votes.csv").unlink()
    text = MATRIX.replace(",-1,,\n", ",-1.0,,\n").replace(",,0,1\n", ",,0.0,1.0\n")
    (export / "participants-votes.csv").write_text(text, encoding="utf-8")
    assert votes_of(read_polis_folder(export)) == votes_of(before)


def test_the_summary_gives_title_and_question(export: Path) -> None:
    """Without a summary the folder's name is the title; what is given wins over both."""
    assert read_polis_folder(export).corpus.title == export.name
    (export / "summary.csv").write_text(
        'topic,"Machines, and us"\nviews,3\nconversation-description,"How should\nit be? "\n',
        encoding="utf-8",
    )
    corpus = read_polis_folder(export).corpus
    assert (corpus.title, corpus.question) == ("Machines, and us", "How should\nit be?")
    given = read_polis_folder(export, title="Mine", id="mine", question="").corpus
    assert (given.title, given.id, given.question) == ("Mine", "mine", "")


def test_the_other_spelling_of_the_matrix_is_found(export: Path) -> None:
    """Older exports say participants-votes.csv, newer ones participant-votes.csv."""
    (export / "votes.csv").unlink()
    (export / "participants-votes.csv").rename(export / "participant-votes.csv")
    assert read_polis_folder(export).counts["votes"] == 5
