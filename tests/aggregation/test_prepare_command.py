"""`python -m aggregation prepare`: from a table of free text to claims."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from aggregation.__main__ import main
from aggregation.intake.comments import COMMENT_COLUMNS, read_comments
from aggregation.intake.report import Report
from aggregation.intake.sheet import Sheet

TEXTS = (
    ("ana", "The AI should cite its sources. I asked it once.", "en"),
    ("ben", "The AI should always cite its sources!", "en"),
    ("cem", "Die KI darf niemals lügen, auch nicht aus Höflichkeit.", "de"),
    ("", '=cmd "quoted", with\nnew lines. AI must never flatter people.', ""),
)


def written(folder: Path, rows: tuple[tuple[str, ...], ...] = TEXTS) -> Path:
    path = folder / "answers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("author", "text", "language"), *rows])
    return path


def prepare(source: Path, out: Path, *more: str) -> int:
    return main(["prepare", "--statements", str(source), "--out", str(out), *more])


def test_claims_are_written_for_people_and_for_a_run(tmp_path: Path) -> None:
    """Wording, language, reading and every member verbatim with its place; nothing else is left."""
    source, out = written(tmp_path), tmp_path / "out"
    assert prepare(source, out, "--workers", "1") == 0
    assert sorted(path.name for path in out.iterdir()) == ["claims.csv", "claims.json"]
    document = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    with source.open(encoding="utf-8", newline="") as file:
        texts = {str(row): line["text"] for row, line in enumerate(csv.DictReader(file), start=2)}
    for claim in document["claims"]:
        for quote in (claim["span"], *claim["members"]):
            assert texts[quote["statement"]][quote["start"] : quote["end"]] == quote["quote"]
        assert claim["wording"] == claim["span"]["quote"]
    by_id = {claim["claim"]: claim for claim in document["claims"]}
    assert by_id["4.0"]["language"] == "de"
    assert by_id["4.0"]["reading"]["polarity"] == -1
    with (out / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["comment-id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(by_id)
    assert rows["4.0"]["comment-body"] == by_id["4.0"]["wording"]


def test_a_run_takes_the_claims(tmp_path: Path) -> None:
    """claims.csv goes into `run` beside votes on its ids."""
    out = tmp_path / "out"
    assert prepare(written(tmp_path), out, "--workers", "1") == 0
    with (out / "claims.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["comment-id"] for row in csv.DictReader(file)]
    votes = tmp_path / "votes.csv"
    with votes.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("timestamp", "comment-id", "voter-id", "vote"))
        table.writerows((1, claim, voter, 1) for claim in ids for voter in range(12))
    called = ["run", "--comments", str(out / "claims.csv"), "--votes", str(votes)]
    assert main([*called, "--out", str(tmp_path / "spec")]) == 0
    spec = json.loads((tmp_path / "spec" / "spec.json").read_text(encoding="utf-8"))
    assert {clause["claim"] for clause in spec["clauses"]} == set(ids)


def test_no_cell_of_the_claims_is_a_formula_and_a_run_reads_them_as_they_were(
    tmp_path: Path,
) -> None:
    """Words and names that a spreadsheet would compute, and words that begin in quotation marks."""
    hostile = (
        ("=2+2", "=AI must never flatter people.", "en"),
        ("+49 151 23456789", "@AI should always cite its sources.", "en"),
        ("'ana", "'AI should be honest', she said.", "en"),
    )
    out = tmp_path / "out"
    assert prepare(written(tmp_path, hostile), out, "--workers", "1") == 0
    with (out / "claims.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    document = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    wordings = {claim["wording"] for claim in document["claims"]}
    assert any(wording.startswith(("=", "@", "'")) for wording in wordings)
    report = Report()
    read = read_comments(Sheet(out / "claims.csv", report, required=COMMENT_COLUMNS))
    assert not report.problems
    assert {one.text for one in read.statements} == wordings
    assert {one.author for one in read.statements} <= {author for author, _, _ in hostile}


def test_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    """One process or two: both files are equal, byte for byte."""
    source = written(tmp_path)
    assert prepare(source, tmp_path / "one", "--workers", "1") == 0
    assert prepare(source, tmp_path / "two", "--workers", "2") == 0
    for name in ("claims.csv", "claims.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_statements_may_be_told_their_language(tmp_path: Path) -> None:
    """--language is that of rows that name none."""
    source = written(tmp_path, (("ana", "Nie lügen", ""), ("ben", "Protect children", "en")))
    assert prepare(source, tmp_path / "out", "--workers", "1", "--language", "de") == 0
    document = json.loads((tmp_path / "out" / "claims.json").read_text(encoding="utf-8"))
    assert {claim["claim"]: claim["language"] for claim in document["claims"]} == {
        "2.0": "de",
        "3.0": "en",
    }


def test_bad_rows_are_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same complaints as for every other file: file, row, field, rule and remedy."""
    source = written(tmp_path, (("ana", "", "en"), ("ben", "AI must never lie.", "??")))
    assert prepare(source, tmp_path / "out") == 1
    told = capsys.readouterr().err
    assert "Nothing was written" in told
    assert "empty" in told
    assert "no language" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("word", ["0", "-1", "257", "many"])
def test_impossible_numbers_of_workers_are_refused(word: str, tmp_path: Path) -> None:
    """From 1 to 256; anything else is a wrong call."""
    with pytest.raises(SystemExit, match="2"):
        prepare(written(tmp_path), tmp_path / "out", "--workers", word)


def test_statements_without_a_norm_give_no_claims(tmp_path: Path) -> None:
    """Questions alone are context: the files are written, with a header and nothing else."""
    source = written(tmp_path, (("ana", "What is an AI?", "en"),))
    assert prepare(source, tmp_path / "out", "--workers", "1") == 0
    document = json.loads((tmp_path / "out" / "claims.json").read_text(encoding="utf-8"))
    assert document["claims"] == []
    assert len((tmp_path / "out" / "claims.csv").read_bytes().splitlines()) == 1
