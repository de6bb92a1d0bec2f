"""A plain table of statements becomes a corpus with what it says about its people."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregation.intake import IntakeError, Participant, read_statements_csv

TABLE = """\
Author,Text,Language,Region,Age group
p10,"It should admit
what it does not know.",en,north,18-30
p9,Es soll ehrlich sein.,de-AT,south,
,Debe ser breve.,,north,31-50
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A sound table of three statements."""
    path = tmp_path / "statements.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def spoilt(path: Path, old: str, new: str) -> tuple[tuple[int | None, str], ...]:
    """Row and field of each problem once `old` is replaced."""
    assert old in TABLE
    path.write_text(TABLE.replace(old, new), encoding="utf-8")
    with pytest.raises(IntakeError) as caught:
        read_statements_csv(path, title="t")
    return tuple((problem.row, problem.field) for problem in caught.value.problems)


def test_statements_are_called_by_their_row(table: Path) -> None:
    """Row 2 is the first below the header, and a text of two lines is one row."""
    corpus = read_statements_csv(table, title="Assistants", id="a", question="How?").corpus
    assert (corpus.title, corpus.id, corpus.question) == ("Assistants", "a", "How?")
    assert [(one.id, one.author, one.language) for one in corpus.statements] == [
        ("2", "p10", "en"),
        ("3", "p9", "de-AT"),
        ("4", None, ""),
    ]
    assert corpus.statement("2").text == "It should admit\nwhat it does not know."


def test_claims_and_votes_come_later(table: Path) -> None:
    """Nobody has reacted yet and no sentence was cut yet."""
    intake = read_statements_csv(table, title="t")
    assert (intake.corpus.claims, len(intake.votes)) == ((), 0)
    assert intake.table().values.nnz == 0


def test_other_columns_describe_the_people(table: Path) -> None:
    """Segment columns keep their written names, and empty cells stay empty."""
    intake = read_statements_csv(table, title="t")
    assert intake.segments["3"] == {"Region": "south", "Age group": ""}
    assert intake.participants == (Participant("p9"), Participant("p10"))
    assert intake.counts == {"statements": 3, "participants": 2, "segments": 2}
    assert intake.notes == ("Statements without an author: 1.",)


def test_own_ids_are_used_in_natural_order(tmp_path: Path) -> None:
    """With an id column, s2 comes before s10."""
    path = tmp_path / "s.csv"
    path.write_text("id;author;text\ns10;a;Later.\ns2;a;Sooner, much.\n", encoding="utf-8")
    intake = read_statements_csv(path, title="t")
    assert [one.id for one in intake.corpus.statements] == ["s2", "s10"]
    assert intake.corpus.statement("s2").text == "Sooner, much."


def test_tabs_separate_too(tmp_path: Path) -> None:
    """A table pasted from a spreadsheet has tabs, and commas in its texts."""
    path = tmp_path / "s.tsv"
    path.write_text("text\tauthor\nBe kind, always.\ta\n", encoding="utf-8")
    assert read_statements_csv(path, title="t").corpus.statement("2").text == "Be kind, always."


def test_a_column_without_a_name_is_left_out_with_a_note(tmp_path: Path) -> None:
    """Data tools write their row numbers into a nameless first column."""
    path = tmp_path / "s.csv"
    path.write_text(",author,text\n0,a,Be kind.\n", encoding="utf-8")
    intake = read_statements_csv(path, title="t")
    assert intake.segments["2"] == {}
    assert intake.notes == ("A column without a name was left out.",)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Author", "Autor", ((1, "author"),)),
        ("Age group", "region", ((1, "region"),)),
        ("de-AT", "German (Austria)", ((3, "Language"),)),
        ("Es soll ehrlich sein.", " ", ((3, "Text"),)),
        ("p9,Es", "p9,,Es", ((3, "Age group"),)),
        ("p9", "x" * 101, ((3, "Author"),)),
        ("Debe ser breve.", "Debe\x07", ((4, "Text"),)),
        ("Debe ser breve.", '"Debe', ((4, "Text"),)),
        ("south", "so\x00uth", ((3, "Region"),)),
        ("Region", "id", ((4, "id"),)),
    ],
)
def test_defects_are_named_by_row_and_field(
    table: Path, old: str, new: str, expected: tuple[tuple[int, str], ...]
) -> None:
    """The same rules hold as for exports, with the column's name as written."""
    assert spoilt(table, old, new) == expected


def test_an_author_column_by_another_name_is_suggested(table: Path) -> None:
    """The remedy names the likeliest column."""
    table.write_text(TABLE.replace("Author", "Autor"), encoding="utf-8")
    with pytest.raises(IntakeError, match="Rename column 'autor' to 'author'"):
        read_statements_csv(table, title="t")


def test_an_empty_table_is_refused(table: Path) -> None:
    """Neither nothing nor a header alone is a consultation."""
    for content, row in ((b"", None), (b"author,text\n", 1)):
        table.write_bytes(content)
        with pytest.raises(IntakeError) as caught:
            read_statements_csv(table, title="t")
        assert [problem.row for problem in caught.value.problems] == [row]
