"""concordance-verify: does the public log hold, and what is published with it?

concordance-verify log FOLDER [--older NOTE] [--key KEY]  every line against the checkpoints
concordance-verify consistency OLD NEW PROOF --keys KEYS  a checkpoint extends an earlier one
concordance-verify receipt RECEIPT [NOTE] --keys KEYS     an act is in the log
concordance-verify receipts MY-DATA --keys KEYS           all acts in the file of one's own data
concordance-verify bundle BUNDLE.zip [--key KEY]          a spec, its signature, its numbers

FOLDER holds keys.json, checkpoint.txt (any further checkpoint as *.txt) and entries-*.jsonl.
Without --key the first key of keys.json is believed: note it down, and give it next time. The
program stops at the first thing that does not hold, names it, and ends with 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from verifier.bundle import check_bundle
from verifier.log import check_log, check_receipt, check_receipts
from verifier.notes import Checkpoint, read_keys
from verifier.reading import Fault, hashes_of, parsed, text_of
from verifier.tree import check_consistency


def checked(options: argparse.Namespace) -> Iterator[str]:
    """What holds, sentence by sentence, as far as everything holds."""
    if options.what == "log":
        yield from check_log(options.folder, older=options.older, trusted=options.key)
        return
    if options.what == "bundle":
        yield from check_bundle(options.bundle, trusted=options.key)
        return
    keys = read_keys(options.keys.name, text_of(options.keys), trusted=options.key)
    if options.what == "consistency":
        old, new = (
            Checkpoint.read(path.name, text_of(path), keys) for path in (options.old, options.new)
        )
        held = parsed(options.proof.name, text_of(options.proof))
        proof = held.get("proof") if isinstance(held, dict) else held
        check_consistency(old, new, hashes_of(proof, options.proof.name))
        yield f"the {new.size} lines of {new.source} begin with the {old.size} of {old.source}"
        return
    receipt = parsed(options.receipt.name, text_of(options.receipt))
    if options.what == "receipts":
        yield from check_receipts(receipt, keys, where=options.receipt.name)
        return
    if not isinstance(receipt, dict):
        raise Fault(f"{options.receipt.name}: it is not a receipt")
    given = text_of(options.note) if options.note else str(receipt.get("checkpoint"))
    source = options.note.name if options.note else f"{options.receipt.name}, checkpoint"
    yield from check_receipt(
        receipt, Checkpoint.read(source, given, keys), where=options.receipt.name
    )


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "concordance-verify",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    shapes = {
        "log": ("folder",),
        "consistency": ("old", "new", "proof"),
        "receipt": ("receipt",),
        "receipts": ("receipt",),
        "bundle": ("bundle",),
    }
    for name, places in shapes.items():
        kind = kinds.add_parser(name)
        for place in places:
            kind.add_argument(place, type=Path)
        kind.add_argument("--key", help="the log's first key, as you noted it down before")
        if name == "log":
            kind.add_argument("--older", type=Path, help="a checkpoint that you kept")
        elif name != "bundle":
            kind.add_argument("--keys", type=Path, required=True, help="keys.json of the log")
        if name == "receipt":
            kind.add_argument("note", type=Path, nargs="?", help="a checkpoint of the same size")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """0 where everything holds, 1 where something does not, 2 for a wrong command."""
    options = arguments().parse_args(words)
    try:
        for sentence in checked(options):
            print(f"ok    {sentence}")
    except Fault as fault:
        print(f"FAULT {fault}", file=sys.stderr)
        return 1
    print("Everything holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
