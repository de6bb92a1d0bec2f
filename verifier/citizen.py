"""A person's receipt: every sentence has a place, every answer and every text a line in the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from verifier.log import check_act, check_publication, check_receipt
from verifier.notes import Checkpoint, Key, Note
from verifier.reading import Fault, parsed

FORMAT = "concordance-receipt/1"
WHOLE = {"preparing", "waiting", "hidden", "withdrawn"}  # all of a statement is there
LED_TO_A_CLAUSE = {"quoted", "not_adopted"}
PUT_TO_THE_VOTE = LED_TO_A_CLAUSE | {"merged", "shown"}
PLACES = WHOLE | PUT_TO_THE_VOTE | {"context", "taken_back"}


def is_citizens(data: Any) -> bool:
    """Whether it is a person's whole receipt, and not that of a single act."""
    return isinstance(data, dict) and "format" in data


def check_citizen(
    data: dict[str, Any], keys: Sequence[Key], *, spec: str | None, where: str
) -> Iterator[str]:
    """Everything in a person's receipt.

    spec : the document of the version that the receipt names, where it is at hand
    """
    if data.get("format") != FORMAT:
        raise Fault(f"{where}: its format is {data.get('format')!r}, not {FORMAT}")
    yield from _check_signature(data, keys, where=where)
    acts = _rows(data, "acts", where)
    here = _text(_dict(data, "consultation", where), "id", f"{where}, consultation")
    yield from _check_acts(acts, keys, here=here, where=f"{where}, act")
    decisions = _rows(data, "decisions", where)
    yield from _check_acts(decisions, keys, here=here, where=f"{where}, decision")
    done = list(_done(acts))
    statements = _rows(data, "statements", where)
    yield from _check_statements(statements, done, decisions, where=where)
    answers = _rows(data, "answers", where)
    if data.get("is_imported") is True and not acts:
        yield f"{len(answers)} answers came with an import, and have no line in the log"
    else:
        yield from _check_answers(answers, done, where=where)
    _check_counts(data, where=where)
    if data.get("spec") is not None:
        version = _dict(data, "spec", where)
        yield from _check_version(version, keys, where=f"{where}, spec")
        yield from _check_clauses(version, statements, spec=spec, where=where)
    elif any(one["where"] in LED_TO_A_CLAUSE for row in statements for one in row["sentences"]):
        raise Fault(f"{where}: a sentence led to a clause, but no version is named")


def _check_signature(data: dict[str, Any], keys: Sequence[Key], *, where: str) -> Iterator[str]:
    if data.get("signature") is None:
        yield "it is not signed: what it says of the log is checked, what it says besides is not"
        return
    note = Note.read(f"{where}, signature", str(data["signature"]))
    key = note.signer(keys)
    held = {name: value for name, value in data.items() if name != "signature"}
    encoded = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(encoded.encode("utf-8", "surrogatepass")).hexdigest()
    if note.text != f"{keys[0].name}/receipt\nsha256:{digest}\n":
        raise Fault(f"{where}: it is not what was signed; something in it was changed")
    yield f"it is signed by {key.line}"


def _check_acts(
    rows: list[dict[str, Any]], keys: Sequence[Key], *, here: str, where: str
) -> Iterator[str]:
    waiting = 0
    for number, row in enumerate(rows, start=1):
        told = check_act(row, keys, where=f"{where} {number}")
        leaf = json.loads(row["receipt"]["leaf"])
        if leaf["consultation"] != here or leaf["day"] != row.get("day"):
            raise Fault(f"{where} {number}: it is of another consultation or day")
        waiting += not told
        if told:
            yield told
    if waiting:
        yield f"{waiting} lines were not sealed yet: download the file again in a minute"


def _done(acts: list[dict[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """What was done, with which subject and content (None where it is not known any more)."""
    for row in acts:
        opening = row["receipt"]["opening"] or {}
        yield str(row["action"]), str(opening.get("subject_id", "")), opening.get("content")


def _check_statements(
    rows: list[dict[str, Any]],
    done: list[tuple[str, str, Any]],
    decisions: list[dict[str, Any]],
    *,
    where: str,
) -> Iterator[str]:
    """Every statement and sentence has a place; hers are those that the log says she sent."""
    sent = {about: said for action, about, said in done if action == "statement.submitted"}
    taken = {about for action, about, _said in done if action == "statement.withdrawn"}
    known: set[str] = set()
    for number, row in enumerate(rows, start=1):
        at = f"{where}, statement {number}"
        identity, text = _text(row, "id", at), _text(row, "text", at)
        if identity in known:
            raise Fault(f"{at}: it stands here twice")
        known.add(identity)
        if identity in sent:
            if sent[identity] != {"text": text}:
                raise Fault(f"{at}: its words are not those that the log says were sent")
        elif row.get("is_imported") is not True:
            raise Fault(f"{at}: no act of the log says that it was sent")
        if identity in taken and row.get("where") != "withdrawn":
            raise Fault(f"{at}: the log says that it was withdrawn")
        yield _check_places(row, text, where=at)
    for identity in sent.keys() - known - {""}:
        raise Fault(f"{where}: statement {identity} was sent, and is missing here")
    for number, row in enumerate(decisions, start=1):
        if json.loads(row["receipt"]["leaf"])["object"] not in known:
            raise Fault(f"{where}, decision {number}: it is about another statement")


def _check_places(row: dict[str, Any], text: str, *, where: str) -> str:
    """Where a statement and each of its sentences is; no place is empty."""
    whole, sentences = _text(row, "where", where), _rows(row, "sentences", where)
    if whole not in WHOLE | {"shown", "context"} or not _text(row, "says", where):
        raise Fault(f"{where}: it does not say where it is")
    if whole == "hidden" and not _text(row, "reason", where):
        raise Fault(f"{where}: it is hidden, and no reason is given")
    if whole == "shown" and not sentences:
        raise Fault(f"{where}: none of its sentences says where it is")
    end: Any = 0
    for number, one in enumerate(sentences, start=1):
        at = f"{where}, sentence {number}"
        start, before, end = one.get("start"), end, one.get("end")
        if type(start) is not int or type(end) is not int or not before <= start < end:
            raise Fault(f"{at}: it does not follow on the one before")
        if text[start:end] != one.get("text"):
            raise Fault(f"{at}: its words do not stand there in the statement")
        _check_place(one, whole=whole, where=at)
    return f"statement {row['reference']}: {whole}, {len(sentences)} sentence(s)"


def _check_place(one: dict[str, Any], *, whole: str, where: str) -> None:
    place = _text(one, "where", where)
    if place not in PLACES or not _text(one, "says", where):
        raise Fault(f"{where}: it does not say where it is")
    if (place in WHOLE or whole in WHOLE) and place != whole:
        raise Fault(f"{where}: it is {place}, and its statement is {whole}")
    if place in PUT_TO_THE_VOTE:
        _text(_dict(one, "claim", where), "text", where)
    if place in LED_TO_A_CLAUSE:
        clause = _dict(one, "clause", where)
        adopted = _text(clause, "status", where) != "not_adopted"
        if adopted != (place == "quoted"):
            raise Fault(f"{where}: it is {place}, and its clause is {clause['status']}")
        if not adopted and not _text(clause, "reason", where):
            raise Fault(f"{where}: it was not adopted, and no reason is given")


def _check_answers(
    rows: list[dict[str, Any]], done: list[tuple[str, str, Any]], *, where: str
) -> Iterator[str]:
    """What counts as her answer is what an act of hers says."""
    said = [content for action, _about, content in done if action == "reaction.cast"]
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        at = f"{where}, answer {number}"
        claim = _text(row, "claim", at)
        content = {"claim": claim, "value": row.get("value"), "importance": row.get("importance")}
        if row.get("condition"):
            content["condition"] = row["condition"]
        if claim in seen:
            raise Fault(f"{at}: the sentence is answered twice")
        if content not in said:
            raise Fault(f"{at}: no act of the log says so")
        seen.add(claim)
    yield f"{len(rows)} answers are what acts of the log say"


def _check_counts(data: dict[str, Any], *, where: str) -> None:
    found = {name: len(data[name]) for name in ("statements", "answers", "acts")}
    found["sentences"] = sum(len(row["sentences"]) for row in data["statements"])
    if data.get("counts") != found:
        raise Fault(f"{where}: it states other counts than {found}")


def _check_version(version: dict[str, Any], keys: Sequence[Key], *, where: str) -> Iterator[str]:
    """The version that clauses are of: its signature, the line of its publication."""
    identity, digest = _text(version, "id", where), _text(version, "sha256", where)
    is_signed = version.get("signature") is not None
    if is_signed:
        note = Note.read(f"{where}, signature", str(version["signature"]))
        note.signer(keys)
        lines = f"{keys[0].name}/spec\n{identity}\n{version.get('number')}\nsha256:{digest}\n"
        if note.text != lines:
            raise Fault(f"{where}: its signature is over another document")
        yield f"version {version.get('number')} is signed"
    if version.get("publication") is not None:
        receipt = _dict(version, "publication", where)
        point = Checkpoint.read(f"{where}, checkpoint", str(receipt.get("checkpoint")), keys)
        told = list(check_receipt(receipt, point, where=where))
        if json.loads(receipt["leaf"])["object"] != identity:
            raise Fault(f"{where}: the line of its publication is that of another")
        signed = identity if is_signed else None
        told += check_publication(receipt, version=signed, digest=digest, where=where)
        yield ", ".join(told)


def _check_clauses(
    version: dict[str, Any], rows: list[dict[str, Any]], *, spec: str | None, where: str
) -> Iterator[str]:
    """That the clauses stand so in the document, where there is one."""
    led = [
        (f"{where}, statement {place}, sentence {number}", one["clause"])
        for place, row in enumerate(rows, start=1)
        for number, one in enumerate(row["sentences"], start=1)
        if one["where"] in LED_TO_A_CLAUSE
    ]
    if spec is None:
        if led:
            yield f"{len(led)} sentences led to clauses: give spec.json with --spec to check them"
        return
    if hashlib.sha256(spec.encode()).hexdigest() != version["sha256"]:
        raise Fault(f"{where}, spec: the document given is not the one that it names")
    written = {clause["id"]: clause for clause in parsed("spec.json", spec)["clauses"]}
    for at, clause in led:
        found = written.get(clause.get("id"), {})
        if (found.get("text"), found.get("status")) != (clause.get("text"), clause["status"]):
            raise Fault(f"{at}: spec.json has no such clause")
    yield f"{len(led)} sentences led to clauses, which stand so in spec.json"


def _rows(data: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    rows = data.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Fault(f"{where}: {name} is no list")
    return rows


def _dict(data: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    found = data.get(name)
    if not isinstance(found, dict):
        raise Fault(f"{where}: {name} is missing")
    return found


def _text(data: dict[str, Any], name: str, where: str) -> str:
    found = data.get(name)
    if not isinstance(found, str):
        raise Fault(f"{where}: {name} is missing")
    return found
