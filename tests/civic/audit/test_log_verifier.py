"""concordance-verify: what holds passes, and whatever is changed is named."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from civic.audit import selectors, tree
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.audit.tiles import node_in, tiles_for
from civic.consultations.models import Membership
from civic.statements.services import submit_statement
from verifier.__main__ import main
from verifier.log import check_log, check_receipt
from verifier.notes import Checkpoint, Key, read_keys
from verifier.reading import Fault, hashes_of, parsed
from verifier.tree import check_consistency, root_from_inclusion

ROOT = Path(__file__).resolve().parents[3]
API = "/api/v1/log/"
AddEntries = Callable[[int], None]
Run = Callable[..., tuple[int, str]]
pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process: its status and what it said."""

    def call(*words: object) -> tuple[int, str]:
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out + told.err

    return call


@pytest.fixture
def folder(add_entries: AddEntries, tmp_path: Path) -> Path:
    """What a visitor downloads of a log with two keys and three checkpoints."""
    add_entries(5)
    seal()
    call_command("rotate_log_key")
    add_entries(3)
    seal()
    return download(tmp_path / "log")


def download(folder: Path) -> Path:
    """The files of the log as the API serves them."""
    folder.mkdir(exist_ok=True)
    client = Client()
    (folder / "checkpoint.txt").write_bytes(client.get(f"{API}checkpoint/").content)
    (folder / "keys.json").write_bytes(client.get(f"{API}keys/").content)
    streamed = client.get(f"{API}file/?part=0").streaming_content
    (folder / "entries-00000.jsonl").write_bytes(b"".join(streamed))
    return folder


def keep(folder: Path, size: int) -> Path:
    """A checkpoint that somebody kept."""
    kept = folder.parent / f"kept-{size}.txt"
    kept.write_bytes(Client().get(f"{API}checkpoint/?size={size}").content)
    return kept


def bit_flips(content: bytes) -> Iterator[bytes]:
    """Every content that differs by one bit."""
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def test_a_log_that_holds_passes(folder: Path, run: Run) -> None:
    """With the first key known, and with a checkpoint that was kept."""
    key = selectors.keys()[0]["key"]
    status, told = run("log", folder, "--older", keep(folder, 6), "--key", key)
    assert status == 0, told
    assert "10 lines give the roots of all checkpoints" in told
    assert told.endswith("Everything holds.\n")


def test_it_runs_without_the_platform(folder: Path) -> None:
    """In a process of its own, from the source alone: no Django, and no module of the platform."""
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "log", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    roots = set()
    for file in (ROOT / "verifier").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                roots.add(str(node.module).split(".")[0])
            elif isinstance(node, ast.Import):
                roots.update(one.name.split(".")[0] for one in node.names)
    assert roots - set(sys.stdlib_module_names) == {"cryptography", "verifier", "aggregation"}


def is_refused(checks: Callable[[], Iterable[str]]) -> bool:
    """Whether the program would end with a fault, without what it prints."""
    try:
        return not list(checks())
    except Fault:
        return True


@pytest.mark.parametrize("name", ["checkpoint.txt", "entries-00000.jsonl"])
def test_every_single_bit_of_a_log_counts(folder: Path, run: Run, name: str) -> None:
    """No bit of the checkpoint, or of the first line and the end of the last, can change."""
    file = folder / name
    good = file.read_bytes()
    width = len(good) if name == "checkpoint.txt" else good.index(b"\n") + 2
    for changed in bit_flips(good[:width]):
        file.write_bytes(changed + good[width:])
        assert is_refused(lambda: check_log(folder, older=None, trusted=None)), changed
    for changed in bit_flips(good[-3:]):
        file.write_bytes(good[:-3] + changed)
        assert is_refused(lambda: check_log(folder, older=None, trusted=None)), changed
    file.write_bytes(good)
    assert run("log", folder)[0] == 0


def test_a_row_that_was_rewritten_is_found_between_two_checkpoints(
    folder: Path, run: Run, add_entries: AddEntries
) -> None:
    """The operator changes a line and signs anew: whoever kept a checkpoint has the place."""
    kept = keep(folder, 6)
    lines = (folder / "entries-00000.jsonl").read_bytes().splitlines(keepends=True)
    for moved in (
        [lines[1], lines[0], *lines[2:]],  # in another order
        lines[1:],  # one left out
        [lines[0], *lines],  # one twice
        [b"".join(lines).replace(b"submitted", b"withdrawn", 1)],
    ):
        (folder / "entries-00000.jsonl").write_bytes(b"".join(moved))
        status, told = run("log", folder, "--older", kept)
        assert status == 1
        assert "lines 1 to 6: they do not give the root of kept-6.txt" in told


def test_a_line_that_is_no_entry_is_named_by_its_number(folder: Path, run: Run) -> None:
    """Not canonical, not complete, not JSON, cut off."""
    file = folder / "entries-00000.jsonl"
    good = file.read_bytes().splitlines(keepends=True)
    for bad, fault in (
        (good[2].replace(b'","', b'", "', 1), "line 3: it is not written canonically"),
        (b'{"commit":"x"}\n', "line 3: it is not an entry of"),
        (b"{\n", "line 3: it is not JSON"),
        (good[2][:-1], "line 3: it is not JSON"),
    ):
        file.write_bytes(b"".join([*good[:2], bad, *good[3:]]))
        status, told = run("log", folder)
        assert status == 1
        assert f"entries-00000.jsonl, {fault}" in told
    file.write_bytes(b"".join(good)[:-1])
    assert "line 10: it is cut off" in run("log", folder)[1]
    file.write_bytes(b"".join(good[:-1]))
    assert "it covers 10 lines, there are 9" in run("log", folder)[1]


def test_a_key_without_its_line_is_named(folder: Path, run: Run) -> None:
    """A key that signs before any line announces it: its own announcement is not enough."""
    point = folder / "checkpoint.txt"
    listed = json.loads((folder / "keys.json").read_bytes())
    listed["results"] = listed["results"][:1]
    (folder / "keys.json").write_text(json.dumps(listed))
    assert run("log", folder) == (
        1,
        f"{_first_line(listed)}FAULT {point.name}: no known key has signed it\n",
    )


def _first_line(listed: dict) -> str:
    return f"ok    1 key(s); the first is {listed['results'][0]['key']}\n"


def test_a_later_checkpoint_is_shown_to_extend_an_earlier_one(folder: Path, run: Run) -> None:
    """By a proof alone, without the lines; every bit of it counts."""
    old, new = keep(folder, 6), folder / "checkpoint.txt"
    proof = folder / "proof.json"
    proof.write_bytes(Client().get(f"{API}consistency/?first=6&second=10").content)
    words = ("consistency", old, new, proof, "--keys", folder / "keys.json")
    status, told = run(*words)
    assert status == 0, told
    assert "the 10 lines of checkpoint.txt begin with the 6 of kept-6.txt" in told
    known = read_keys("keys", (folder / "keys.json").read_text(), trusted=None)
    points = [Checkpoint.read(path.name, path.read_text(), known) for path in (old, new)]
    good = json.loads(proof.read_bytes())["proof"]
    for changed in bit_flips("".join(good).encode()):
        hashes = [changed[at : at + 64].decode("latin-1") for at in range(0, len(changed), 64)]
        with pytest.raises(Fault):
            check_consistency(*points, hashes_of(hashes, "proof"))
    with pytest.raises(Fault):
        check_consistency(*points, hashes_of(good[:-1], "proof"))
    assert "became shorter" in run("consistency", new, old, proof, *words[4:])[1]


def test_a_receipt_proves_an_act_and_every_bit_of_it_counts(
    member: Membership, add_entries: AddEntries, tmp_path: Path, run: Run
) -> None:
    """Place, subject and content of what somebody wrote."""
    text = "Sei gütig, “immer”."
    statement = submit_statement(author=member, text=text)
    add_entries(2)
    entry = Entry.objects.get(action="statement.submitted", subject_id=str(statement.uuid))
    folder = tmp_path / "log"
    folder.mkdir()
    file = folder / "receipt.json"
    waiting = selectors.receipt(entry, content={"text": text})
    assert waiting["checkpoint"] is None
    seal()
    download(folder)
    entry.refresh_from_db()
    receipt = selectors.receipt(entry, content={"text": text})
    words = ("receipt", file, "--keys", folder / "keys.json")
    file.write_text(json.dumps(receipt))
    status, told = run(*words)
    assert status == 0, told
    assert f"it is about {statement.uuid}" in told
    assert text in told
    known = read_keys("keys", (folder / "keys.json").read_text(), trusted=None)
    for changed in bit_flips(json.dumps(receipt, ensure_ascii=False).encode()):
        assert is_refused(partial(_receipt, changed, known)), changed
    file.write_text(json.dumps(waiting | {"checkpoint": receipt["checkpoint"]}))
    assert "it was not sealed yet" in run(*words)[1]


def _receipt(content: bytes, known: list[Key]) -> Iterator[str]:
    """What the command does with a receipt."""
    held = parsed("r", content.decode("utf-8", "replace"))
    if not isinstance(held, dict):
        raise Fault("r")
    point = Checkpoint.read("c", str(held.get("checkpoint")), known)
    return check_receipt(held, point, where="r")


def test_every_proof_of_small_trees_is_accepted_and_no_other(add_entries: AddEntries) -> None:
    """Sizes 1 to 40 with every leaf and every earlier size; a proof for another place fails."""
    add_entries(39)
    seal()
    hashes = [leaf.hash for leaf in selectors.leaves(0, 40)]
    key = Key("example.org/log", b"", b"")
    roots = {}
    for size in range(1, 41):
        parts = tree.root_parts(size)
        tiles = tiles_for(parts)
        roots[size] = tree.fold(parts, lambda node, held=tiles: node_in(held, node))
    points = {size: Checkpoint(f"c{size}", size, root, key) for size, root in roots.items()}
    for size in range(1, 41):
        for index in range(size):
            proof = selectors.inclusion_proof(index, size=size)
            assert root_from_inclusion(index, size, hashes[index], proof) == roots[size]
            assert root_from_inclusion(index, size, hashes[index], [*proof, b"x"]) != roots[size]
            if index + 1 < size:
                assert root_from_inclusion(index + 1, size, hashes[index], proof) != roots[size]
        for first in range(1, size + 1):
            proof = selectors.consistency_proof(first, size)
            check_consistency(points[first], points[size], proof)
            if first < size:
                with pytest.raises(Fault):
                    check_consistency(points[size], points[first], proof)
                with pytest.raises(Fault):
                    check_consistency(points[first], points[size], [*proof, hashes[0]])
                with pytest.raises(Fault):
                    check_consistency(points[first], points[size], proof[:-1])
