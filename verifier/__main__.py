"""concordance-verify: does the public log hold, and what is published with it?

concordance-verify log FOLDER [--older NOTE] [--key KEY]  every line against the checkpoints
concordance-verify consistency OLD NEW PROOF --keys KEYS  a checkpoint extends an earlier one
concordance-verify receipt RECEIPT [--spec SPEC]          a person's whole receipt
concordance-verify receipt RECEIPT [NOTE] --keys KEYS     a single act is in the log
concordance-verify receipts MY-DATA --keys KEYS           all acts in the file of one's own data
concordance-verify bundle BUNDLE.zip [--key KEY]          a spec, its signature, its numbers

FOLDER holds keys.json, checkpoint.txt (any further checkpoint as *.txt) and entries-*.jsonl.
Without --key the first key of keys.json is believed: note it down, and give it next time. A
person's receipt holds the keys of the log; --keys takes others in their place. The program stops
at the first thing that does not hold, names it, and ends with 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from verifier.bundle import check_bundle
from verifier.citizen import check_citizen, is_citizens
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
    if options.what == "receipt":
        yield from checked_receipt(options)
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
    data = parsed(options.receipt.name, text_of(options.receipt))
    yield from check_receipts(data, keys, where=options.receipt.name)


def checked_receipt(options: argparse.Namespace) -> Iterator[str]:
    """What holds of a person's whole receipt, or of that of a single act."""
    where = options.receipt.name
    receipt = parsed(where, text_of(options.receipt))
    if not isinstance(receipt, dict):
        raise Fault(f"{where}: it is not a receipt")
    if options.keys:
        keys = read_keys(options.keys.name, text_of(options.keys), trusted=options.key)
    elif is_citizens(receipt):
        held = json.dumps(receipt.get("keys"))
        keys = read_keys(f"{where}, keys", held, trusted=options.key)
    else:
        raise Fault(f"{where}: give keys.json of the log with --keys")
    if is_citizens(receipt):
        yield f"{len(keys)} key(s); the first is {keys[0].line}"
        if options.key and receipt.get("signature") is None:
            raise Fault(f"{where}: it is not signed, so nobody with the key given answers for it")
        spec = text_of(options.spec) if options.spec else None
        yield from check_citizen(receipt, keys, spec=spec, where=where)
        return
    own = receipt.get("checkpoint")
    if own is not None or options.note is None:
        point = Checkpoint.read(f"{where}, checkpoint", str(own), keys)
        yield from check_receipt(receipt, point, where=where)
    if options.note is not None:
        point = Checkpoint.read(options.note.name, text_of(options.note), keys)
        yield from check_receipt(receipt, point, where=where)


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
            is_needed = name != "receipt"
            kind.add_argument("--keys", type=Path, required=is_needed, help="keys.json of the log")
        if name == "receipt":
            kind.add_argument("--spec", type=Path, help="spec.json of the version that it names")
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
