"""Nothing that everybody may read leads to a person: a consultation full of traps, and every page,
answer of the API and file of it looked through."""

from __future__ import annotations

import base64
import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from route_table import EVERYBODY, MEMBERS, TABLE, Line
from route_values import TOKEN, rows_in, values_of
from test_route_matrix import ROUTES

from aggregation import exports
from civic.accounts.models import User
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation, Invitation, Membership, token_digest
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.reactions.models import Reaction
from civic.specs.exports import BUNDLE
from civic.specs.models import SpecVersion
from civic.statements.models import Appeal, Claim, Ruling, Statement

HOST, BEHIND = "203.0.113.77", "198.51.100.99"
PHONE, HANDLE = "+49 151 23456789", "@zaphod_beeblebrox"
# What the API says of a consultation and a version: acts of office, which have a minute.
OFFICE = re.compile(rb'"(created|published|withdrawn)_at":\s*"[^"]*"')
FILES = ("exports/", "document/", "specs:download", "bundle", "statements/")
FORMULAS = ("=1+1", "+1", "-1 day", "@SUM(A1)", "\tcmd", "\rcmd", " =2+2", "＝3+3")
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[T ](?!00:00:00)\d\d:\d\d")


@dataclass(frozen=True)
class World:
    """What everybody may read, and what of a person must not stand there."""

    answers: dict[str, bytes]
    traps: dict[str, str]
    pen_names: dict[str, str]

    def found(self, traps: dict[str, str]) -> list[str]:
        return [
            f"{what} in {place}"
            for place, content in self.answers.items()
            for read in [as_read(content)]
            for what, trap in traps.items()
            if trap in read
        ]


@pytest.fixture(autouse=True)
def _own_key(settings: LazySettings, tmp_path: Path) -> None:
    settings.LOG_KEY, settings.LOG_KEY_FILE, settings.MAKES_LOG_KEY = "", str(tmp_path / "k"), True


@pytest.fixture
def asked(
    consultation: Consultation, member: Membership, new_claim: Callable[..., Claim]
) -> list[Claim]:
    """People came by a file in which addresses were their ids; one of them wrote."""
    crowd = Membership.objects.bulk_create(
        Membership(
            consultation=consultation,
            key=f"imported-{number}@trap.example",
            is_participant=True,
            strata={"age": PHONE, "place": HANDLE},
        )
        for number in range(40)
    )
    claims = [
        new_claim("=AI should be kind to everybody.", author=member),
        new_claim("AI should sell my data.", author=crowd[0]),
        new_claim("AI should decide who gets a loan.", author=crowd[1]),
    ]
    Reaction.objects.bulk_create(
        Reaction(
            claim=claim,
            participant=person,
            value="agree" if (place == 0 or row % (place + 1)) else "disagree",
            served=True,
        )
        for row, person in enumerate(crowd)
        for place, claim in enumerate(claims)
    )
    return claims


@pytest.fixture
def acted(consultation: Consultation, alice: User, bob: User, member: Membership) -> Client:
    """Bob writes from a network address; moderators' reasons are formulas; tokens are out."""
    Membership.objects.filter(pk=member.pk).update(strata={"age": PHONE, "place": HANDLE})
    User.objects.filter(pk=bob.pk).update(display_name="Bob bob.private@trap.example")
    bobs = Client(REMOTE_ADDR=HOST, HTTP_X_FORWARDED_FOR=BEHIND)
    bobs.force_login(bob)
    path = f"/api/v1/consultations/{consultation.slug}/statements/"
    text = {"text": "AI should forget what I told it."}
    assert bobs.post(path, text, content_type="application/json").status_code == 201
    statement = Statement.objects.get(text=text["text"])
    Statement.objects.filter(pk=statement.pk).update(moderation="accepted")
    for reason in FORMULAS:
        Ruling.objects.create(
            statement=statement, decision="accepted", reason=reason, decided_by=alice
        )
    Appeal.objects.create(statement=statement, words="=2+2", answer="=3+3", outcome="granted")
    Invitation.objects.create(
        consultation=consultation,
        role="participant",
        token_digest=token_digest("another-token"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return bobs


@pytest.fixture
def world(
    consultation: Consultation,
    asked: list[Claim],
    acted: Client,
    draft: SpecVersion,
    alice: User,
    bob: User,
) -> World:
    """Everything that somebody without a name gets, and the bundle, which is for auditors."""
    values = values_of(rows_in(consultation, draft=draft, asked=asked, bob=bob, alice=alice))
    open_phase(consultation, phase=Phase.REACT, by=alice)
    seal()
    public = Client()
    answers = {
        f"{place} {name}": content
        for place, address in addresses(values, consultation)
        for name, content in parts_of(public, address)
    }
    spec = consultation.specs.get(status="published")
    desk = Client()
    desk.force_login(alice)
    bundle = f"/api/v1/specs/{spec.uuid}/exports/{BUNDLE}/"
    answers |= {f"bundle {name}": content for name, content in parts_of(desk, bundle)}
    traps = traps_in(consultation, acted) | {"a private link": str(values[f"{SECRET[0]} token"])}
    return World(answers, traps, pen_names_in(consultation))


def as_read(content: bytes) -> str:
    """An answer as it stands, and as whoever reads HTML, Markdown or JSON sees it."""
    text = content.decode(errors="replace")
    plain = html.unescape(re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text))
    unescaped = re.sub(r"\\(.)", r"\1", plain)
    return "\n".join((text, plain, unescaped))


def addresses(values: dict[str, object], consultation: Consultation) -> Iterator[tuple[str, str]]:
    """Every address that lets everybody in, with every export and every shown statement."""
    for route in ROUTES:
        if route.name not in SECRET and TABLE.get(route.name, Line()).get in (EVERYBODY, MEMBERS):
            for name in exports.NAMES if "<str:name>" in route.pattern else ["spec.json"]:
                own = values | {"name": name, f"{route.name} name": name}
                place = f"{route.name} {name}" if "<str:name>" in route.pattern else route.name
                yield place, route.address(own) + QUERIES.get(route.name, "")
    yield "feed", f"/c/{consultation.slug}/versions.atom"
    for one in consultation.statements.all():
        yield f"pages:statement {one.key}", f"/c/{consultation.slug}/statements/{one.uuid}/"
        yield f"api statement {one.key}", f"/api/v1/statements/{one.uuid}/"


# Pages of a person's own, behind an address that only she has: a trap for all others.
SECRET = ("pages:private_receipt", "pages:private_file")
QUERIES = {
    "api/v1/log/file/": "?part=0",
    "api/v1/log/inclusion/": "?index=0&size=2",
    "api/v1/log/consistency/": "?first=1&second=2",
}


def parts_of(client: Client, address: str) -> Iterator[tuple[str, bytes]]:
    """An answer's head and body; the files of an archive one by one."""
    answer = client.get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.status_code == 200:
        yield "", body
        yield "head", "\n".join(v for k, v in answer.items() if k != "Set-Cookie").encode()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name, archive.read(name)


def traps_in(consultation: Consultation, acted: Client) -> dict[str, str]:
    """What leads to a person, or opens what is closed."""
    traps = {
        "an address in a display name": "bob.private@trap.example",
        "a network address": HOST,
        "an address behind a proxy": BEHIND,
        "a phone number": PHONE,
        "a handle": HANDLE,
        "a session": str(acted.session.session_key),
        "an invitation": TOKEN,
        "an invitation's digest": token_digest(TOKEN),
        "another invitation's digest": token_digest("another-token"),
    }
    for user in User.objects.all():
        traps |= {f"address {user.pk}": user.email, f"actor {user.pk}": user.audit_key}
        traps |= {f"account {user.pk}": str(user.uuid), f"account {user.pk}, hex": user.uuid.hex}
    # The receipt of a publication is open to all: what it commits to is public.
    for entry in Entry.objects.exclude(action="spec.published"):
        key = bytes(entry.row_key or b"?")
        traps |= {
            f"row key {entry.pk}": key.hex(),
            f"row key {entry.pk} in base64": base64.b64encode(key).decode(),
        }
    authors = set(pen_names_in(consultation).values())
    for one in consultation.memberships.all():
        if one.key not in authors:
            traps[f"key of member {one.pk}"] = one.key
    return {what: trap for what, trap in traps.items() if trap}


def pen_names_in(consultation: Consultation) -> dict[str, str]:
    """The random names under which people who wrote are known, here and nowhere else."""
    authors = consultation.memberships.exclude(statements=None).exclude(user=None)
    return {f"pen name {one.pk}": one.key for one in authors}


def test_nothing_that_is_public_leads_to_a_person(world: World) -> None:
    """No address, number, handle, session, key or token: in no page, answer or file."""
    assert len(world.answers) > 100
    assert "\n".join(world.found(world.traps)) == ""


SILENT = {  # formats in which a clause's words do not stand, each with its reason
    "spec.schema.json": "says which fields there are",
    "system_prompt.report.json": "names clauses by their ids",
    "examples.zip": "holds what organizers wrote to try a clause",
    "pairs.jsonl": "nobody judged answers here",
    "unpaired.jsonl": "nobody judged answers here",
    "contested.jsonl": "nobody judged answers here",
}


def test_the_search_finds_each_trap_in_each_format(
    world: World,
    consultation: Consultation,
    rewrite: Callable[[SpecVersion, dict[str, Any]], None],
) -> None:
    """Planted in every clause and quote, each shows up however a format writes it.

    So a format in which nothing was found holds nothing, and is not merely written otherwise.
    """
    spec = consultation.specs.get(status="published")
    document = spec.load()
    of_each_kind = {re.sub(r" [0-9]+", "", what): what for what in world.traps}
    planted = {what: world.traps[what] for what in of_each_kind.values()}
    whole = " ".join(planted.values())
    for clause in document["clauses"]:
        clause["text"] = f"AI should be “{whole}” & kind."
        for quote in clause["evidence"]:
            quote["quote"] = whole
    rewrite(spec, document)
    public, missed = Client(), []
    files = f"/c/{consultation.slug}/spec/1/files/"
    for name in (*exports.NAMES, "report.html"):
        if name in SILENT:
            continue
        content = b"\n".join(body for _, body in parts_of(public, f"{files}{name}"))
        assert content, name
        seen = World({name: content}, {}, {}).found(planted)
        missed += [f"{what} in {name}" for what in planted if f"{what} in {name}" not in seen]
    assert missed == []


def test_pen_names_stand_beside_statements_and_in_no_export(world: World) -> None:
    """They are what the search finds where they belong, so it would have found them elsewhere."""
    places = {line.split(" in ", 1)[1].strip() for line in world.found(world.pen_names)}
    assert any(place.startswith("pages:statement") for place in places)
    assert [place for place in places if "statement" not in place] == []


def test_no_cell_of_a_public_table_is_a_formula(world: World) -> None:
    """Decisions, comments, counts by group and the bundle's own."""
    tables = [
        (place, content)
        for place, content in world.answers.items()
        if ".csv" in place or place.startswith("statements:decisions_file")
    ]
    cells = [
        (place, cell)
        for place, content in tables
        if not place.strip().endswith("head") and "inputs/" not in place
        for row in csv.reader(io.StringIO(content.decode(), newline=""))
        for cell in row
    ]
    risky = ("=", "+", "-", "@", "\t", "\r")
    wrong = [(place, cell) for place, cell in cells if cell.startswith(risky) and not number(cell)]
    assert wrong == []
    kept = {cell for place, cell in cells if place.startswith("statements:decisions_file")}
    assert {f"'{formula}" for formula in FORMULAS} <= kept


def is_file(place: str) -> bool:
    """Where no moment may stand at all."""
    return any(part in place for part in FILES)


def number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_no_export_tells_a_moment(world: World) -> None:
    """Days are enough for what people do; acts of office, such as publishing, have a minute."""
    telling = [
        f"{place}: {found[0].decode()}"
        for place, content in world.answers.items()
        if "feed" not in place and not place.endswith("head")
        for found in [MOMENT.search(content if is_file(place) else OFFICE.sub(b"", content))]
        if found
    ]
    assert "\n".join(telling) == ""
