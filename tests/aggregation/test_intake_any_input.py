"""Whatever bytes come in, the outcome is an Intake or an IntakeError, and texts are untouched."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregation.intake import Intake, IntakeError, read_polis
from aggregation.text import clean_text

HEADER = "timestamp,comment-id,author-id,moderated,comment-body\n"
COMMENTS = HEADER + "1600000000000,0,a,1,Be honest.\n1600000000000,1,b,1,Be brief.\n"
VOTES = "timestamp,comment-id,voter-id,vote\n1600000000000,0,b,1\n1600000000000,1,a,-1\n"
MATRIX = "participant,group-id,0,1\na,0,1,-1\nb,1,,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound export, to put beside a spoilt file."""
    (tmp_path / "comments.csv").write_text(COMMENTS, encoding="utf-8")
    (tmp_path / "votes.csv").write_text(VOTES, encoding="utf-8")
    return tmp_path


def _either(path: Path, votes: Path) -> Intake | None:
    """What was read, or None after a refusal that a person can act on and a page can show."""
    try:
        return read_polis(path, votes, title="t")
    except IntakeError as error:
        found = error.problems
    assert found
    for problem in found:
        assert all((problem.file, problem.field, problem.rule, problem.remedy))
        str(problem).encode("utf-8")
    return None


SHARED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)


@SHARED
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(folder: Path, content: bytes) -> None:
    """Whatever comes as comments.csv or votes.csv gives an Intake or an IntakeError."""
    (folder / "any.csv").write_bytes(content)
    assert _either(folder / "any.csv", folder / "votes.csv") is None
    assert _either(folder / "comments.csv", folder / "any.csv") is None


@SHARED
@given(
    start=st.integers(0, len(COMMENTS)),
    length=st.integers(0, 12),
    patch=st.one_of(
        st.binary(max_size=6), st.sampled_from([b'"', b",", b"\n", b"\r", b"\x00", b"\xed\xa0\x80"])
    ),
)
def test_a_spoilt_export_is_read_or_refused(
    folder: Path, start: int, length: int, patch: bytes
) -> None:
    """A sound file with a few bytes changed anywhere never ends in anything else."""
    for name, text in (("comments", COMMENTS), ("votes", VOTES), ("matrix", MATRIX)):
        data = text.encode()
        (folder / f"spoilt-{name}.csv").write_bytes(data[:start] + patch + data[start + length :])
    votes = folder / "votes.csv"
    for intake in (
        _either(folder / "spoilt-comments.csv", votes),
        _either(folder / "comments.csv", folder / "spoilt-votes.csv"),
        _either(folder / "comments.csv", folder / "spoilt-matrix.csv"),
    ):
        if intake is not None:
            assert intake.table().values.nnz == len(intake.votes)
            for claim in intake.corpus.claims:
                text = intake.corpus.statement(claim.id).text
                assert text[claim.span.start : claim.span.end] == text == clean_text(text)


@SHARED
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=60))
def test_any_visible_text_is_kept_as_at_every_door(folder: Path, text: str) -> None:
    """What a writer of CSV quotes comes back clean and no more, formulas and markup included."""
    rows = [["1600000000", "0", "a", "1", f"{text}."], ["1600000000", "1", "b", "1", "Be brief."]]
    with (folder / "any.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER.strip().split(","), *rows])
    intake = read_polis(folder / "any.csv", folder / "votes.csv", title="t")
    assert intake.corpus.statement("0").text == clean_text(f"{text}.")
