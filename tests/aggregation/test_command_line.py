"""`python -m aggregation run`, `verify` and `attack` on files, good and bad."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import worlds

from aggregation.__main__ import main, write_outcome
from aggregation.run import aggregate

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


def test_a_cache_of_vectors_changes_no_byte(export, tmp_path):
    """Without one, while it fills, and read from it: the same spec; one file for each sentence."""
    cache, specs = tmp_path / "vectors", []
    for more in ((), ("--cache", str(cache)), ("--cache", str(cache))):
        assert call(export, *more) == 0
        specs.append((export / "out" / "spec.json").read_bytes())
    assert specs[0] == specs[1] == specs[2]
    assert sum(path.is_file() for path in cache.rglob("*")) == len(worlds.corpus().claims)


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


# -- verify and attack -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A folder that a run wrote."""
    folder = tmp_path_factory.mktemp("written")
    write_outcome(aggregate(worlds.corpus(), worlds.votes()), folder)
    return folder


@pytest.fixture
def copy(written, tmp_path) -> Path:
    """The same to be changed."""
    return Path(shutil.copytree(written, tmp_path / "copy"))


def test_what_a_run_wrote_verifies(written, tmp_path, capsys):
    """Every check holds, with the votes beside the spec or given by name."""
    assert main(["verify", str(written)]) == 0
    held, every = capsys.readouterr().err.split(" checks")[0].split(" of ")
    assert held == every
    assert int(held) > 100
    elsewhere = shutil.copy(written / "votes.csv", tmp_path / "elsewhere.csv")
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(written / "spec.json", alone)
    assert main(["verify", str(alone), "--votes", str(elsewhere)]) == 0


def test_a_changed_number_is_named_on_a_line_of_its_own(copy, capsys):
    """The place, what is stated and what comes out; nothing is written."""
    document = json.loads((copy / "spec.json").read_bytes())
    document["clauses"][0]["support"]["overall"]["lo"] += 0.001
    (copy / "spec.json").write_text(json.dumps(document))
    before = sorted(copy.iterdir())
    assert main(["verify", str(copy)]) == 1
    failed = [x for x in capsys.readouterr().err.splitlines() if x.startswith("Failed: clauses[")]
    assert len(failed) == 1
    assert "support.overall.lo: stated" in failed[0]
    assert sorted(copy.iterdir()) == before


def test_a_changed_vote_is_found(copy):
    """One answer turned round is another consultation."""
    lines = (copy / "votes.csv").read_text().splitlines()
    person, claim, vote, *rest = lines[1].split(",")
    lines[1] = ",".join([person, claim, "-1" if vote == "1" else "1", *rest])
    (copy / "votes.csv").write_text("\n".join(lines) + "\n")
    assert main(["verify", str(copy)]) == 1


def test_an_attack_is_simulated_and_written_down(copy, capsys):
    """The same crowd gives the same report."""
    assert main(["attack", str(copy), "--seed", "3"]) == 0
    first = (copy / "attack.json").read_bytes()
    assert "To bury" in capsys.readouterr().err
    assert main(["attack", str(copy), "--seed", "3"]) == 0
    assert (copy / "attack.json").read_bytes() == first


@pytest.mark.parametrize("command", ["verify", "attack"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "spec.json"),
        ("{", "is not a JSON file"),
        ("[1]", "does not hold one JSON object"),
        ("{}", "is missing|is a required property"),
    ],
)
def test_what_is_no_spec_is_refused_in_a_sentence(copy, capsys, command, content, message):
    """No file, no JSON, no object, no spec: an exit of 1, and nothing written."""
    (copy / "spec.json").unlink()
    if content is not None:
        (copy / "spec.json").write_text(content)
    assert main([command, str(copy)]) == 1
    assert re.search(message, " ".join(capsys.readouterr().err.split()))
    assert not (copy / "attack.json").exists()


def test_an_attack_on_other_votes_is_refused(copy, capsys):
    """Votes on a claim that the spec does not have are not the spec's votes."""
    (copy / "votes.csv").write_text("participant,claim,vote\n1,elsewhere,1\n")
    assert main(["attack", str(copy)]) == 1
    assert "claim elsewhere" in " ".join(capsys.readouterr().err.split())
    assert not (copy / "attack.json").exists()
