"""A bundle repeats its own run, and no byte or number of it can be changed unnamed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import forgeries
import numpy as np
import pytest
import trials
import worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregation.__main__ import main
from aggregation.audit import verify_bundle, write_outcome
from aggregation.exports.archive import to_zip
from aggregation.exports.bundle import to_bundle
from aggregation.exports.inputs import Inputs, read_inputs
from aggregation.lineage import groups as renamed
from aggregation.run import aggregate, by_number, pseudonymised
from aggregation.spec import corpus_digest
from aggregation.types import Contradiction, Curation, Settings, Span
from aggregation.votes import VoteTable


@pytest.fixture(scope="module")
def outcome():
    return aggregate(trials.corpus(), worlds.votes(), judgements=trials.judgements())


@pytest.fixture(scope="module")
def inputs(outcome):
    judgements = by_number(trials.judgements())
    return Inputs(trials.corpus(), Settings(), outcome.ballots, judgements)


@pytest.fixture(scope="module")
def bundle(outcome, inputs):
    return to_bundle(outcome.document, inputs)


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def failed(content):
    return [check.name for check in verify_bundle(content) if not check.ok]


def relisted(files):
    """A bundle of these files whose list is right again, as a forger would write it."""
    held = json.loads(files["MANIFEST.json"])
    held["files"] = [
        {
            "path": path,
            "bytes": len(files[path]),
            "sha256": hashlib.sha256(files[path]).hexdigest(),
        }
        for path in sorted(files)
        if path != "MANIFEST.json"
    ]
    content = (json.dumps(held, ensure_ascii=False, indent=2) + "\n").encode()
    return to_zip(files | {"MANIFEST.json": content})


def test_a_bundle_holds(bundle):
    """List, exports, numbers and the repeated run."""
    checks = verify_bundle(bundle)
    assert [check for check in checks if not check.ok] == []
    assert {"bundle.zip", "spec.json", "evals.jsonl", "run"} <= {check.name for check in checks}


def test_the_same_inputs_give_the_same_archive(outcome, inputs, bundle):
    """Byte for byte, and no moment of making in it."""
    assert to_bundle(outcome.document, inputs) == bundle
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_inputs_name_nobody(bundle):
    """Authors and voters are numbers."""
    files = unpacked(bundle)
    held = json.loads(files["inputs/run.json"])
    assert [one["author"] for one in held["corpus"]["statements"]][:3] == ["1", "2", "8"]
    people = {line.split(",")[0] for line in files["inputs/votes.csv"].decode().splitlines()[1:]}
    assert people == {str(number) for number in range(240)}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_flipped_byte_goes_unseen(bundle, data):
    """Anywhere in the archive: in a file, in the list, or in what zip writes around them."""
    place = data.draw(st.integers(0, len(bundle) - 1))
    flipped = bytearray(bundle)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    assert failed_fast(bytes(flipped))


def failed_fast(content):
    """The first checks, without repeating the run."""
    from aggregation.audit import verifying

    try:
        files = verifying._opened(content)
    except verifying._UNREADABLE:
        return ["bundle.zip"]
    checks = [*verifying._archive(content, files), *verifying._listed(files)]
    return [check.name for check in checks if not check.ok]


@pytest.mark.parametrize("path", ["spec.md", "evals.jsonl", "polis/votes.csv"])
def test_a_changed_export_is_named_even_if_the_list_is_right(bundle, path):
    """The export is made again from the spec."""
    files = unpacked(bundle)
    files[path] = files[path][:-2] + b"x\n"
    assert failed(relisted(files)) == [path]


def test_a_changed_number_is_named_even_under_a_new_seal(bundle):
    """The numbers are computed again, and the run gives another document."""
    files = unpacked(bundle)
    spec = json.loads(files["spec.json"])
    spec["clauses"][0]["support"]["overall"]["lo"] += 0.001
    files["spec.json"] = json.dumps(forgeries.sealed(spec)).encode()
    names = failed(relisted(files))
    place = f"clauses[{spec['clauses'][0]['id']}].support.overall.lo"
    assert place in names
    assert any(name.startswith("run.clauses[0].support.overall.lo") for name in names)


@pytest.mark.parametrize(
    "name", ["spec", "licence", "privacy", "repeats", "why_not", "verify", "signature", "more"]
)
def test_whatever_the_list_says_is_checked(bundle, name):
    """Each of its fields follows from the spec and from the files."""
    files = unpacked(bundle)
    held = json.loads(files["MANIFEST.json"]) | {name: "another"}
    files["MANIFEST.json"] = (json.dumps(held, ensure_ascii=False, indent=2) + "\n").encode()
    assert f"MANIFEST.json.{name}" in failed(to_zip(files))
    files["MANIFEST.json"] = unpacked(bundle)["MANIFEST.json"] + b" "
    assert "MANIFEST.json" in failed(to_zip(files))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("inputs/judgements.csv", b"participant,", b"Participant,"),
        ("inputs/judgements.csv", b"\n39,3,0", b"\n4p,3,0"),
        ("inputs/votes.csv", b"participant,", b"Participant,"),
        ("inputs/run.json", b'{"corpus"', b'{ "corpus"'),
    ],
)
def test_inputs_that_only_look_otherwise_are_named(bundle, path, before, after):
    """A reader takes them, and the same document comes out; still they are not the ones given."""
    files = unpacked(bundle)
    assert before in files[path]
    changed = relisted(files | {path: files[path].replace(before, after, 1)})
    assert path in failed(changed)


def test_a_flipped_byte_never_stops_the_check(bundle):
    """A method of packing, a length, a place: what zip itself would stumble over is named too."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        around = [*range(archive.start_dir, len(bundle)), *range(400)]
    for place in around[:: len(around) // 500]:
        for bit in (0, 3, 7):
            flipped = bytearray(bundle)
            flipped[place] ^= 1 << bit
            assert failed_fast(bytes(flipped)), (place, bit)


def test_changed_words_are_named(bundle):
    """No vote says what a citizen wrote: the repeated run does."""
    files = unpacked(bundle)
    spec = files["spec.json"].decode().replace("sell private data", "save private data")
    files["spec.json"] = json.dumps(forgeries.sealed(json.loads(spec))).encode()
    assert any(name.startswith("run.clauses[") for name in failed(relisted(files)))


def test_changed_inputs_are_named(bundle):
    """A statement more, a vote turned round, a judgement less: another document comes out."""
    files = unpacked(bundle)
    held = json.loads(files["inputs/run.json"])
    held["corpus"]["statements"][1]["text"] += "!"
    one = failed(relisted(files | {"inputs/run.json": json.dumps(held).encode()}))
    assert "run.provenance.corpus_digest" in one
    lines = files["inputs/judgements.csv"].decode().splitlines()
    two = failed(relisted(files | {"inputs/judgements.csv": "\n".join(lines[:-1]).encode()}))
    assert any(name.startswith("run.") for name in two)
    lines = files["inputs/votes.csv"].decode().splitlines()
    person, claim, vote, *rest = lines[1].split(",")
    lines[1] = ",".join([person, claim, "-1" if vote == "1" else "1", *rest])
    three = failed(relisted(files | {"inputs/votes.csv": ("\n".join(lines) + "\n").encode()}))
    assert "provenance.votes_digest" in three


@pytest.mark.parametrize(
    "path", ["MANIFEST.json", "spec.json", "inputs/run.json", "inputs/votes.csv", "spec.md"]
)
def test_a_missing_file_is_named(bundle, path):
    """Whatever is not there."""
    files = unpacked(bundle)
    del files[path]
    assert path in failed(to_zip(files) if path == "MANIFEST.json" else relisted(files))


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all" * 9])
def test_what_is_no_archive_fails_in_a_sentence(content):
    """Nothing is raised."""
    (check,) = verify_bundle(content)
    assert (check.name, check.ok) == ("bundle.zip", False)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 1}', b"{}"])
def test_broken_inputs_and_documents_fail_in_a_sentence(bundle, content):
    """Whatever stands in their place."""
    files = unpacked(bundle)
    for path in ("spec.json", "inputs/run.json", "MANIFEST.json"):
        assert failed(to_zip(files | {path: content}))


def test_a_bundle_without_its_words_is_checked_by_its_votes(outcome, inputs):
    """It says that the run cannot be repeated, holds no statement, and its numbers hold."""
    content = to_bundle(outcome.document, inputs, repeats=False)
    files = unpacked(content)
    assert sorted(path for path in files if path.startswith("inputs/")) == ["inputs/votes.csv"]
    held = json.loads(files["MANIFEST.json"])
    assert held["repeats"] is False
    assert "removed at their authors' request" in held["why_not"]
    checks = verify_bundle(content)
    assert all(check.ok for check in checks)
    assert "run" not in {check.name for check in checks}


def test_a_later_version_repeats_with_what_it_was_given(outcome):
    """Its earlier document, groups and themes, and what people decided, go with it."""
    who, what, value = worlds.ballots(seed=7, people=200)
    votes = VoteTable.from_arrays(who, what, value)
    curation = Curation(
        together=(("0", "1"),),
        contradictions=(Contradiction("4", "5", True),),
        titles=(("theme_x", "A title"),),
    )
    corpus = replace(trials.corpus(), curation=curation)
    claims = list(corpus.claims)
    claims[2] = replace(claims[2], members=(Span("3", 0, 10),), context=Span("2", 0, 20))
    corpus = replace(corpus, claims=tuple(claims))
    groups = aggregate(trials.corpus(), worlds.votes())
    from aggregation.opinion import Groups

    sizes = np.bincount(groups.labels[groups.labels >= 0])
    before = Groups(groups.participants, groups.labels, len(sizes), sizes, 0.0)
    chosen = Settings(seed=3, version=2, policy={"common_budget": 4})
    extra = {"previous": outcome.document, "previous_themes": {"0": "theme_x"}}
    later = aggregate(corpus, votes, chosen, previous_groups=before, **extra)
    people, ballots = pseudonymised(corpus, votes)
    numbers = [str(number) for number in range(len(people))]
    given_then = Inputs(
        corpus, chosen, ballots, previous_groups=renamed(before, people, numbers), **extra
    )
    assert ballots.digest() == later.ballots.digest()
    assert failed(to_bundle(later.document, given_then)) == []


def test_inputs_come_back_whole(inputs):
    """Read again, they are written the same, and their digest is the document's."""
    content = inputs.run_json()
    again = read_inputs(content, inputs.votes, inputs.judgements)
    assert again.run_json() == content
    assert corpus_digest(again.corpus) == corpus_digest(inputs.corpus)


# -- the command line ------------------------------------------------------------------------------


@pytest.fixture
def folder(outcome, inputs, tmp_path: Path) -> Path:
    write_outcome(outcome, tmp_path, inputs=inputs)
    return tmp_path


def test_everything_is_exported_and_verified_on_the_command_line(folder, capsys):
    """`export` writes every file and a bundle that `verify` finds in order."""
    assert main(["export", str(folder / "spec.json"), "--out", str(folder / "all")]) == 0
    bundle = folder / "all" / "bundle.zip"
    files = unpacked(bundle.read_bytes())
    for path in sorted((folder / "all").rglob("*.*")):
        name = str(path.relative_to(folder / "all"))
        assert name == "bundle.zip" or files[name] == path.read_bytes()
    assert main(["verify", str(bundle)]) == 0
    shown = capsys.readouterr().err
    assert "checks hold" in shown
    bundle.write_bytes(bundle.read_bytes().replace(b"lock picking", b"lock packing"))
    assert main(["verify", str(bundle)]) == 1
    assert "Failed: bundle.zip" in capsys.readouterr().err


def test_one_export_by_its_name(folder):
    """Only that file is written, of the Polis files too."""
    for name, path in (("evals.jsonl", "evals.jsonl"), ("votes.csv", "polis/votes.csv")):
        out = folder / name.replace(".", "_")
        assert main(["export", str(folder / "spec.json"), "--out", str(out), "--only", name]) == 0
        assert [str(p.relative_to(out)) for p in out.rglob("*.*")] == [path]


@pytest.mark.parametrize("name", ["votes.csv", "bundle.zip"])
def test_what_needs_the_votes_says_so(folder, capsys, name):
    """A spec alone cannot give them; nothing is written."""
    (folder / "votes.csv").unlink()
    out = folder / "out"
    assert main(["export", str(folder / "spec.json"), "--out", str(out), "--only", name]) == 1
    assert f"{name} needs votes.csv" in " ".join(capsys.readouterr().err.split())
    assert not out.exists()
