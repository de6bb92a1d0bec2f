"""`python -m aggregation run` on files, good and bad."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import worlds

from aggregation.__main__ import main

COLUMNS = (
    *("timestamp", "datetime", "comment-id", "author-id"),
    *("agrees", "disagrees", "moderated", "comment-body"),
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A Polis export of the small consultation."""
    with (tmp_path / "comments.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for statement in worlds.corpus().statements:
            rows.writerow([1700000000000, "", statement.id, 999, 0, 0, 1, statement.text])
    with (tmp_path / "votes.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["timestamp", "datetime", "comment-id", "voter-id", "vote"])
        for who, what, value in zip(*worlds.ballots(), strict=True):
            rows.writerow([1700000001000, "", what, who.removeprefix("p"), value])
    return tmp_path


def call(folder: Path, *more: str, out: str = "out") -> int:
    return main(
        [
            *("run", "--comments", str(folder / "comments.csv")),
            *("--votes", str(folder / "votes.csv"), "--out", str(folder / out), *more),
        ]
    )


def test_a_run_writes_both_files_and_the_times(export, capsys):
    """spec.json cites the export's own comment ids; each stage's time is printed."""
    assert call(export, "--seed", "7") == 0
    document = json.loads((export / "out" / "spec.json").read_bytes())
    assert document["method"]["seed"] == 7
    assert {p["statement"] for c in document["clauses"] for p in c["evidence"]} == {
        str(i) for i in range(15)
    }
    assert (export / "out" / "spec.md").read_text(encoding="utf-8").startswith("# ")
    shown = capsys.readouterr().err
    assert all(stage in shown for stage in ("embed", "select", "total", "Peak memory"))


def test_it_runs_as_a_module_and_repeats_its_bytes(export):
    """Two processes write the same bytes."""
    for out in ("one", "two"):
        subprocess.run(
            [
                *(sys.executable, "-m", "aggregation", "run"),
                *("--comments", export / "comments.csv", "--votes", export / "votes.csv"),
                *("--out", export / out),
            ],
            check=True,
            capture_output=True,
        )
    one, two = ((export / out / "spec.json").read_bytes() for out in ("one", "two"))
    assert one == two


def test_bad_input_names_the_row_and_writes_nothing(export, capsys):
    """A vote of 7 is told with file, row, field, rule and remedy."""
    with (export / "votes.csv").open("a", encoding="utf-8") as file:
        file.write("1700000001000,,0,5,7\n")
    assert call(export) == 1
    assert not (export / "out").exists()
    shown = " ".join(capsys.readouterr().err.split())
    assert str(worlds.ballots()[0].size + 2) in shown
    assert "vote" in shown


def test_a_policy_file_changes_thresholds(export):
    """What a policy demands decides what is adopted."""
    policy = export / "policy.json"
    policy.write_text(json.dumps({"common_budget": 1}))
    assert call(export, "--policy", str(policy)) == 0
    document = json.loads((export / "out" / "spec.json").read_bytes())
    assert [c["status"] for c in document["clauses"]].count("adopted") == 1
    assert document["method"]["policy"]["common_budget"] == 1


@pytest.mark.parametrize("content", ["not json", "[1]", '{"no_such_field": 1}'])
def test_a_bad_policy_is_told(export, content, capsys):
    """A policy that cannot be read stops the run with a sentence."""
    policy = export / "policy.json"
    policy.write_text(content)
    assert call(export, "--policy", str(policy)) == 1
    assert "policy" in capsys.readouterr().err


def test_a_missing_file_is_told(export, capsys):
    """No traceback for a wrong name."""
    assert main(["run", "--comments", "nowhere.csv", "--votes", "no.csv", "--out", "x"]) == 1
    assert "nowhere.csv" in capsys.readouterr().err


def test_citizens_text_is_no_terminal_markup(export, capsys):
    """Square brackets in an error are shown, not interpreted."""
    with (export / "votes.csv").open("a", encoding="utf-8") as file:
        file.write("1700000001000,,0,5,[red]x[/]\n")
    assert call(export) == 1
    assert "[red]" in capsys.readouterr().err.replace("\n", "")
