"""A defective export is refused whole; each defect is named by file, row, field and rule."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from aggregation.intake import (
    IntakeError,
    Problem,
    ballots,
    comments,
    read_polis,
    read_polis_folder,
    records,
    sheet,
)

HEADER = "timestamp,comment-id,author-id,moderated,comment-body\n"
COMMENTS = HEADER + "1600000000000,0,a,1,Be honest.\n1600000000000,1,b,1,Be brief.\n"
VOTES = "timestamp,comment-id,voter-id,vote\n1600000000000,0,b,1\n1600000000000,1,a,-1\n"
MATRIX = "participant,group-id,0,1\na,0,1,-1\nb,1,,0\n"
WHOLE = "whole file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound export, for a test to spoil."""
    (tmp_path / "comments.csv").write_text(COMMENTS, encoding="utf-8")
    (tmp_path / "votes.csv").write_text(VOTES, encoding="utf-8")
    return tmp_path


def problems(folder: Path, **spoilt: str | bytes) -> tuple[Problem, ...]:
    """What is wrong once these files (by name without ending) have this content."""
    for name, content in spoilt.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name.replace('_', '-')}.csv").write_bytes(data)
    with pytest.raises(IntakeError) as caught:
        read_polis_folder(folder)
    return caught.value.problems


def only(found: tuple[Problem, ...]) -> tuple[str, int | None, str, str]:
    """File, row, field and rule of the one problem there is; its remedy says something."""
    (problem,) = found
    assert problem.remedy.endswith(".")
    return problem.file, problem.row, problem.field, problem.rule


@pytest.mark.parametrize("vote", ["7", "NaN", "agree", "", "2", "0.5", "１", "1e0", "--1"])
def test_a_vote_is_one_of_three_numbers(folder: Path, vote: str) -> None:
    """The log's second row holds something else than 1, 0 or -1."""
    file, row, field, rule = only(problems(folder, votes=VOTES.replace("b,1\n", f"b,{vote}\n")))
    assert (file, row, field) == ("votes.csv", 2, "vote")
    assert rule == f"'{vote}' is no vote; votes are 1 (agree), 0 (pass), -1 (disagree)."


@pytest.mark.parametrize("vote", ["7", "NaN", "agree", "x"])
def test_a_cell_of_the_matrix_is_a_vote_or_empty(folder: Path, vote: str) -> None:
    """The field is the comment's column, the row the person's."""
    (folder / "votes.csv").unlink()
    found = problems(folder, participants_votes=MATRIX.replace("b,1,,0", f"b,1,{vote},0"))
    assert only(found)[:3] == ("participants-votes.csv", 3, "0")


def test_missing_columns_are_named_with_what_was_found(folder: Path) -> None:
    """A misspelt column is suggested for renaming, an absent one for adding."""
    text = COMMENTS.replace("comment-body", "coment-bdy").replace("moderated,", "")
    found = problems(folder, comments=text)
    assert [(one.row, one.field, one.remedy) for one in found] == [
        (1, "moderated", "Add column 'moderated'."),
        (1, "comment-body", "Rename column 'coment-bdy' to 'comment-body'."),
    ]
    assert "Expected: comment-id, author-id, moderated, comment-body; found: " in found[0].rule
    assert "found: timestamp, comment-id, author-id, coment-bdy." in found[0].rule


@pytest.mark.parametrize("mark", [",", ";"])
def test_files_that_changed_places_are_noticed(folder: Path, mark: str) -> None:
    """Each is told what it holds and where it belongs, and nothing that follows from it."""
    held = {"comments": VOTES.replace(",", mark), "votes": COMMENTS.replace(",", mark)}
    assert [str(one) for one in problems(folder, **held)] == [
        "comments.csv, field whole file: By its columns this file holds one vote in each row, so "
        "it is votes.csv and not comments.csv. Change places: what was given as votes.csv belongs "
        "here.",
        "votes.csv, field whole file: By its columns this file holds statements, so it is "
        "comments.csv and not votes.csv. Change places: what was given as comments.csv belongs "
        "here.",
    ]


@pytest.mark.parametrize(
    ("held", "place", "remedy"),
    [
        ({"votes": COMMENTS}, "votes.csv", "Give it in the place of comments.csv"),
        ({"comments": MATRIX}, "comments.csv", "Give it in the place of participants-votes.csv"),
        (
            {"votes": MATRIX, "participants_votes": VOTES},
            "participants-votes.csv",
            "Change places: what was given as votes.csv belongs here.",
        ),
    ],
)
def test_one_file_in_the_wrong_place_is_told_where_it_belongs(
    folder: Path, held: dict[str, str], place: str, remedy: str
) -> None:
    """The same file twice, a matrix for the statements, a log for the matrix."""
    (found,) = problems(folder, **held)
    assert found.file == place
    assert found.remedy.startswith(remedy)


def test_a_column_may_stand_only_once(folder: Path) -> None:
    """Two columns of one name: the reader cannot know which one is meant."""
    text = VOTES.replace("timestamp", "Vote")
    assert only(problems(folder, votes=text)) == (
        "votes.csv",
        1,
        "vote",
        "The column stands twice, as number 1 and 4.",
    )


@pytest.mark.parametrize("name", ["comments", "votes"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b",,,\n"])
def test_an_empty_file_is_refused(folder: Path, name: str, content: bytes) -> None:
    """Nothing but blanks, commas or a byte order mark is an empty file."""
    found = problems(folder, **{name: content})
    assert only(found) == (f"{name}.csv", None, WHOLE, "The file is empty.")


@pytest.mark.parametrize(("name", "text"), [("comments", COMMENTS), ("votes", VOTES)])
def test_a_header_alone_is_refused(folder: Path, name: str, text: str) -> None:
    """Column names without rows."""
    found = problems(folder, **{name: text.split("\n")[0]})
    assert only(found) == (f"{name}.csv", 1, WHOLE, "The file has a header and no rows.")


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (b"a\x00b", "The cell holds a NUL character at character 2."),
        (b"ab\xed\xa0\x80c", "The cell holds a lone surrogate at character 3."),
        (b"\xff", "The cell is not valid UTF-8 at character 1."),
        ("gr\u00fcn".encode("latin-1"), "The cell is not valid UTF-8 at character 3."),
        (b"a\x1b[31m", "The cell holds control character U+001B at character 2."),
        ("x\x85".encode(), "The cell holds control character U+0085 at character 2."),
        (b"x\x7f", "The cell holds control character U+007F at character 2."),
    ],
)
def test_what_cannot_be_stored_is_refused(folder: Path, cell: bytes, rule: str) -> None:
    """NUL, lone surrogates, other encodings and control characters, each in row 3."""
    found = problems(folder, comments=COMMENTS.encode().replace(b"Be brief.", cell))
    assert only(found) == ("comments.csv", 3, "comment-body", rule)


def test_unused_columns_are_checked_as_well(folder: Path) -> None:
    """A broken byte in a column that nobody reads still means a broken file."""
    found = problems(folder, votes=VOTES.encode().replace(b",0,b,", b",0,b\xfe,"))
    assert only(found)[:3] == ("votes.csv", 2, "voter-id")
    spoilt = (
        COMMENTS.replace("timestamp", "datetime").encode().replace(b"1600000000000,1", b"\xfe,1")
    )
    found = problems(folder, votes=VOTES, comments=spoilt)
    assert only(found)[:3] == ("comments.csv", 3, "datetime")


def test_tabs_and_line_ends_inside_a_text_are_fine(folder: Path) -> None:
    """A text of several lines is one row, of which later rows are counted on."""
    text = COMMENTS.replace("Be honest.", '"Be\r\nhonest,\n\talways."') + "x,2,a,1,Third.\n"
    assert only(problems(folder, comments=text))[:3] == ("comments.csv", 4, "timestamp")
    (folder / "comments.csv").write_bytes(text.replace("x,2", "1600000000,2").encode())
    statement = read_polis_folder(folder).corpus.statement("0")
    assert statement.text == "Be\nhonest,\n\talways."


def test_a_field_of_ten_megabytes_is_refused_by_name(folder: Path) -> None:
    """Texts may have 300,000 bytes, counted in UTF-8."""
    found = problems(folder, comments=COMMENTS.replace("Be brief.", "x" * 10_000_000))
    rule = "The cell has 10,000,000 bytes; at most 300,000 are stored."
    assert only(found) == ("comments.csv", 3, "comment-body", rule)


def test_the_limit_of_a_text_counts_what_people_call_characters(folder: Path) -> None:
    """10,000 families of four, of seven code points each, fit; one more does not."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    fits = COMMENTS.replace("Be brief.", family * 10_000)
    (folder / "comments.csv").write_text(fits, encoding="utf-8")
    assert len(read_polis_folder(folder).corpus.statement("1").text) == 70_000
    found = problems(folder, comments=COMMENTS.replace("Be brief.", family * 10_001))
    assert only(found)[:3] == ("comments.csv", 3, "comment-body")


def test_a_file_too_large_is_refused_unread(folder: Path) -> None:
    """65 MB of nothing are refused by their size."""
    with (folder / "votes.csv").open("wb") as file:
        file.truncate(records.MAX_FILE_BYTES + 1)
    file_name, row, field, rule = only(problems(folder))
    assert (file_name, row, field) == ("votes.csv", None, WHOLE)
    assert rule == "The file has 67,108,865 bytes; at most 67,108,864 are read."


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        (b"\xff\xfet\x00", "The file is UTF-16; only UTF-8 is read."),
        (b"PK\x03\x04", "The file is a zip archive or a spreadsheet workbook, not CSV."),
    ],
)
def test_other_kinds_of_file_are_recognised(folder: Path, start: bytes, rule: str) -> None:
    """A workbook or UTF-16 file is called what it is."""
    assert only(problems(folder, votes=start + b"x" * 99)) == ("votes.csv", None, WHOLE, rule)


def test_a_row_too_wide_for_memory_is_refused(folder: Path) -> None:
    """A line of a hundred thousand commas and more is not split."""
    found = problems(folder, votes="," * (records.MAX_CELLS + 1))
    assert only(found)[3] == "The row has more than 100,000 cells."


def test_a_comment_has_its_own_id(folder: Path) -> None:
    """The second of two comments 0 is named, with the row of the first."""
    found = problems(folder, comments=COMMENTS + "1600000000000,0,a,1,Again.\n")
    assert only(found) == ("comments.csv", 4, "comment-id", "Comment '0' stands in row 2 already.")


def test_a_participant_has_one_row(folder: Path) -> None:
    """Two rows for a in the matrix."""
    found = problems(folder, participants_votes=MATRIX + "a,,1,1\n")
    assert only(found)[:3] == ("participants-votes.csv", 4, "participant")


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "\u00a0\ufeff"])
def test_a_text_has_something_to_see(folder: Path, text: str) -> None:
    """Blanks and invisible characters are no statement."""
    found = problems(folder, comments=COMMENTS.replace("Be brief.", f'"{text}"'))
    assert only(found) == (
        "comments.csv",
        3,
        "comment-body",
        "The text is empty: it holds nothing but white space.",
    )


@pytest.mark.parametrize(
    ("line", "field", "rule"),
    [
        ("1600000000000,1,b,1,Be brief, please", "comment-body", "The row has 6 cells"),
        ("1600000000000,1,b", "moderated", "The row has 3 cells"),
    ],
)
def test_every_row_has_every_cell(folder: Path, line: str, field: str, rule: str) -> None:
    """An unquoted comma makes a cell too many; a cut line has too few."""
    found = problems(folder, comments=COMMENTS.replace("1600000000000,1,b,1,Be brief.", line))
    assert only(found) == ("comments.csv", 3, field, f"{rule}; the header has 5.")


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ('"Be ""brief"".', "The quotation mark that opens this cell is never closed."),
        ('"Be" brief.', "Text follows the closing quotation mark of this cell."),
    ],
)
def test_broken_quotation_is_found_where_it_breaks(folder: Path, cell: str, rule: str) -> None:
    """The row and the column of the quotation mark, not of the file's end."""
    text = COMMENTS.replace("Be honest.", '"Be\n""honest""."').replace("Be brief.", cell)
    found = problems(folder, comments=text + "1600000000000,2,b,1,Be kind.\n")
    assert only(found) == ("comments.csv", 3, "comment-body", rule)


def test_a_quotation_left_open_in_the_header_is_found(folder: Path) -> None:
    """The header is row 1 and has no names yet, so its cell is numbered."""
    found = problems(folder, votes='timestamp,"comment-id,voter-id,vote\n1,1,1,1\n')
    assert only(found)[:3] == ("votes.csv", 1, "cell 2")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("1,b,1,Be", "1,b,2,Be", "moderated"),
        ("1,b,1,Be", "1,b,accepted,Be", "moderated"),
        ("1,b,1,Be", ",b,1,Be", "comment-id"),
        ("1,b,1,Be", f"{'9' * 101},b,1,Be", "comment-id"),
        ("1,b,1,Be", '1,"b\nc",1,Be', "author-id"),
        ("1600000000000,1,b", "yesterday,1,b", "timestamp"),
        ("1600000000000,1,b", ",1,b", "timestamp"),
        ("1600000000000,1,b", "-5,1,b", "timestamp"),
        ("1600000000000,1,b", "9999999999999999,1,b", "timestamp"),
        ("1600000000000,1,b", "0001-01-01T00:00:00+23:59,1,b", "timestamp"),
    ],
)
def test_other_cells_of_a_comment_are_checked(folder: Path, old: str, new: str, field: str) -> None:
    """Moderation, ids and times that cannot be what they should be, in row 3."""
    found = problems(folder, comments=COMMENTS.replace(old, new))
    assert only(found)[:3] == ("comments.csv", 3, field)


def test_votes_on_no_statement_are_refused(folder: Path) -> None:
    """Comment 5 is not among the statements: in the log its row, in the matrix its column."""
    rule = "There are votes on comment '5', which is not among the statements."
    spoilt = VOTES.replace(",1,a,-1", ",5,a,-1")
    assert only(problems(folder, votes=spoilt)) == ("votes.csv", 3, "comment-id", rule)
    (folder / "votes.csv").unlink()
    found = problems(folder, participants_votes=MATRIX.replace(",0,1\n", ",0,5\n"))
    assert only(found) == ("participants-votes.csv", 1, "5", rule)


def test_a_misspelt_column_of_the_matrix_is_suggested(folder: Path) -> None:
    """A column that is neither known nor a comment is likely a known one, misspelt."""
    (found,) = problems(folder, participants_votes=MATRIX.replace("group-id", "groupid"))
    assert (found.row, found.field) == (1, "groupid")
    assert found.remedy == "Rename the column to 'group-id'."


def test_statements_without_votes_are_refused(folder: Path) -> None:
    """No file of votes, or one in which every cell is empty."""
    (folder / "votes.csv").unlink()
    rule = "There are statements without votes: no file of votes was given."
    assert only(problems(folder)) == ("votes.csv", None, WHOLE, rule)
    empty = "participant,group-id,0,1\na,0,,\nb,1,,\n"
    found = problems(folder, participants_votes=empty)
    rule = "No vote was cast on any statement."
    assert only(found) == ("participants-votes.csv", None, WHOLE, rule)


def test_votes_without_statements_are_refused(folder: Path) -> None:
    """No comments.csv; the votes are then not blamed one by one."""
    (folder / "comments.csv").unlink()
    rule = "There are votes without statements: no file of comments was given."
    assert only(problems(folder)) == ("comments.csv", None, WHOLE, rule)


def test_excluding_everybody_is_refused(folder: Path) -> None:
    """Then there is nothing to count."""
    (folder / "toss.csv").write_text("a\nb\n", encoding="utf-8")
    with pytest.raises(IntakeError, match="No vote is left once the excluded participants"):
        read_polis_folder(folder, exclude=folder / "toss.csv")


def test_the_list_of_excluded_people_has_one_id_per_line(folder: Path) -> None:
    """Two ids on a line are refused with the line's number."""
    (folder / "toss.csv").write_text("z\na,b\n", encoding="utf-8")
    with pytest.raises(IntakeError) as caught:
        read_polis_folder(folder, exclude=folder / "toss.csv")
    assert only(caught.value.problems)[:3] == ("toss.csv", 2, "participant")


def test_missing_files_and_folders_are_named(folder: Path) -> None:
    """A path that leads nowhere, or to a folder, is no file."""
    with pytest.raises(IntakeError, match="There is no such folder"):
        read_polis_folder(folder / "nowhere")
    for path in (folder / "nowhere.csv", folder):
        with pytest.raises(IntakeError) as caught:
            read_polis(folder / "comments.csv", path, title="t")
        assert only(caught.value.problems) == (path.name, None, WHOLE, "There is no such file.")


def test_a_file_that_may_not_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions are a problem of the file like any other."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(IntakeError) as caught:
        read_polis(folder / "comments.csv", folder / "votes.csv", title="t")
    assert [problem.file for problem in caught.value.problems] == ["comments.csv", "votes.csv"]
    assert caught.value.problems[0].rule == "The file cannot be opened: Permission denied."


def test_a_summary_has_two_cells_a_row(folder: Path) -> None:
    """A summary that is none is refused with its row."""
    found = problems(folder, summary="topic,Machines\nviews,3,4\n")
    assert only(found)[:3] == ("summary.csv", 2, "value")


def test_defects_of_all_files_are_told_at_once(folder: Path) -> None:
    """One reading names what is wrong in both files, in the order of files and rows."""
    found = problems(
        folder,
        comments=COMMENTS.replace("b,1,Be", "b,9,Be"),
        votes=VOTES.replace(",1\n", ",8\n").replace(",-1\n", ",9\n"),
    )
    assert [(one.file, one.row) for one in found] == [
        ("comments.csv", 3),
        ("votes.csv", 2),
        ("votes.csv", 3),
    ]


def test_two_hundred_problems_are_enough(folder: Path) -> None:
    """The rest is counted."""
    found = problems(folder, votes=VOTES + "1600000000000,0,c,8\n" * 1000)
    assert len(found) == 201
    assert found[-1].rule == "800 more problems were found and are not listed."


def test_too_many_statements_and_votes_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first row beyond the limit is named."""
    monkeypatch.setattr(comments, "MAX_STATEMENTS", 1)
    assert only(problems(folder))[:2] == ("comments.csv", 3)
    monkeypatch.undo()
    monkeypatch.setattr(ballots, "MAX_VOTES", 1)
    assert only(problems(folder))[:2] == ("votes.csv", 3)
    found = problems(folder, participants_votes=MATRIX, votes=VOTES.rsplit("16", 1)[0])
    assert only(found)[:2] == ("participants-votes.csv", 2)


def test_the_process_wide_limit_of_the_csv_module_never_shrinks(folder: Path) -> None:
    """Another reader in this process can still read what it could before."""
    before = csv.field_size_limit()
    read_polis_folder(folder)
    assert csv.field_size_limit() >= max(before, sheet.MAX_CELL_BYTES)
