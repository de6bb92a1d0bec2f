"""Acts on the platform and in the book at once, and everything that both say side by side."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.test import Client

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis.snapshot import gather
from civic.audit import selectors as log
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import join as take_part
from civic.curation import selectors as curation
from civic.curation import services as curating
from civic.errors import Refused
from civic.pages.data import part_data
from civic.pages.receipt_file import receipt_of
from civic.reactions import services as reacting
from civic.reactions.models import VOTES, Reaction, Serving
from civic.reactions.selectors import answers_to
from civic.specs.erasing import erase_part
from civic.specs.exports import export
from civic.specs.models import SpecVersion
from civic.specs.sealing import sign_waiting
from civic.specs.selectors import latest_public
from civic.specs.services import draft_spec, publish_spec
from civic.statements import authoring, ruling
from civic.statements import services as writing
from civic.statements.models import Claim, Segment, Statement
from civic.statements.pipeline import prepare_statement
from tests.civic import bookkeeping
from tests.civic.bookkeeping import Book
from tests.civic.pages.conftest import analysed
from verifier.citizen import check_citizen
from verifier.notes import read_keys
from verifier.tree import Tree

Act = tuple[Any, ...]

WRITTEN = {  # statement -> its author and its words; the first two say the same
    "b1": ("bob", "AI should be kind to everybody."),
    "a2": ("ann", "AI should be kind to everybody."),
    "a1": ("ann", "AI should never sell what I tell it."),
    "c1": ("cem", "AI should decide who gets a loan."),
    "c2": ("cem", "AI should explain each of its answers."),
}
PEOPLE = ("ann", "bob", "cem")
CLAIMS = ("b1", "a1", "c1", "c2")  # named after the statement that they were made of
VALUES = ("agree", "disagree", "unsure", "depends", "skipped")
REFUSED = object()
CROWD = 30  # people of an import, whose answers stay as they are


def crowds(place: int, claim: int) -> str:
    """What somebody of the crowd answered."""
    return ("agree", "agree", "disagree", "unsure", "agree")[(place * (claim + 2) + claim) % 5]


class World:
    """The platform's side of the book: rows by the names that the book uses."""

    def __init__(self, consultation: Consultation, alice: User) -> None:
        self.consultation, self.alice = consultation, alice
        self.people = {
            name: take_part(consultation, user=ensure_user(f"{name}@example.org"))
            for name in PEOPLE
        }
        self.statements = {name: self._written(*said) for name, said in WRITTEN.items()}
        self.claims = {name: self.statements[name].segments.get().claim for name in CLAIMS}
        self.joins: list[Any] = []
        self.book = self._book()
        for claim in self.claims.values():
            for person in self.people.values():
                Serving.objects.create(claim=claim, participant=person, probability=0.5)
        self._crowd()
        self.before = Counter(Entry.objects.values_list("action", flat=True))

    def _written(self, author: str, text: str) -> Statement:
        made = writing.submit_statement(author=self.people[author], text=text)
        ruling.moderate_statement(made, by=self.alice, decision="accepted", reason="Fine.")
        prepare_statement(made.pk)
        made.refresh_from_db()
        return made

    def _book(self) -> Book:
        said = {
            name: bookkeeping.Statement(author, "accepted", rulings=["waiting"])
            for name, (author, _text) in WRITTEN.items()
        }
        claims = {name: bookkeeping.Claim(name, [name]) for name in CLAIMS}
        claims["b1"].members.append("a2")
        asked = {(person, claim) for person in PEOPLE for claim in CLAIMS}
        return Book(said, claims, {name: [] for name in PEOPLE}, asked)

    def _crowd(self) -> None:
        crowd = Membership.objects.bulk_create(
            Membership(consultation=self.consultation, key=f"p{place}", is_participant=True)
            for place in range(CROWD)
        )
        Reaction.objects.bulk_create(
            Reaction(
                claim=self.claims[name], participant=one, value=crowds(place, number), served=True
            )
            for place, one in enumerate(crowd)
            for number, name in enumerate(CLAIMS)
        )

    # --- Doing an act on both sides

    def do(self, act: Act) -> None:
        """The platform allows and refuses what the book does."""
        kind, *about = act
        if kind == "publish":
            if any(self.book.is_shown(claim) for claim in self.book.claims):
                self.publish()
            return
        if kind == "undo_join" and about[0] >= len(self.joins):
            return
        if any(one not in self.book.claims for one in about if str(one).endswith("alone")):
            return
        if self._actor(kind, about) in self.book.gone:
            return  # There is nobody any more who could.
        joins = len(self.book.joins)
        is_allowed = getattr(self.book, kind)(*about)
        found = self._tried(kind, about)
        assert (found is not REFUSED) == is_allowed, act
        if not is_allowed:
            return
        if kind == "take_out":
            self.claims[f"{about[0]} alone"] = found
        if len(self.book.joins) > joins:
            self.joins.append(found)

    def _tried(self, kind: str, about: list[Any]) -> Any:
        try:
            with transaction.atomic():
                return getattr(self, kind)(*about)
        except Refused:
            return REFUSED

    def _actor(self, kind: str, about: list[Any]) -> str:
        if kind in ("react", "take_back", "leave"):
            return str(about[0])
        if kind in ("withdraw", "deny", "affirm", "take_out"):
            return self.book.statements[about[0]].author
        if kind == "stand_alone":
            return self.book.statements[self.book.claims[about[0]].words].author
        return ""

    def _claim(self, name: str) -> Claim:
        return Claim.objects.select_related("statement__consultation", "consultation").get(
            pk=self.claims[name].pk
        )

    def _sentence(self, statement: str) -> Segment:
        rows = Segment.objects.select_related("statement__consultation", "claim__statement")
        return rows.get(statement=self.statements[statement])

    def react(self, person: str, claim: str, value: str) -> object:
        return reacting.cast_reaction(
            self._claim(claim), participant=self.people[person], value=value
        )

    def take_back(self, person: str, claim: str) -> object:
        return reacting.undo_reaction(self._claim(claim), participant=self.people[person])

    def withdraw(self, statement: str) -> None:
        held = self.statements[statement]
        held.refresh_from_db()
        writing.withdraw_statement(held, by=held.author.user)

    def deny(self, statement: str) -> None:
        author = self.statements[statement].author.user
        authoring.judge_sentence(self._sentence(statement), by=author, verdict="no")

    def affirm(self, statement: str) -> None:
        author = self.statements[statement].author.user
        authoring.judge_sentence(self._sentence(statement), by=author, verdict="")

    def take_out(self, statement: str) -> object:
        author = self.statements[statement].author.user
        return curating.separate_sentence(self._sentence(statement), by=author)

    def stand_alone(self, claim: str) -> None:
        curating.separate_claim(self._claim(claim), by=self._claim(claim).statement.author.user)

    def leave(self, person: str) -> None:
        held = self.people[person]
        erase_part(held, by=held.user)
        held.refresh_from_db()

    def rule(self, statement: str, decision: str) -> None:
        held = Statement.objects.get(pk=self.statements[statement].pk)
        ruling.moderate_statement(held, by=self.alice, decision=decision, reason="So it is.")

    def undo_rule(self, statement: str) -> None:
        held = Statement.objects.get(pk=self.statements[statement].pk)
        newest = held.rulings.first()
        ruling.undo_ruling(newest, by=self.alice)

    def join(self, first: str, second: str) -> object:
        return curating.merge_claims(
            self.consultation,
            kept=self._claim(first),
            folded=self._claim(second),
            by=self.alice,
            reason="They say the same.",
        )

    def undo_join(self, place: int) -> None:
        curating.undo_decision(self.joins[place], by=self.alice, reason="They do not.")

    # --- What the platform says, beside what the book says

    def check(self) -> None:
        """Rows, counts, what an analysis would be given, what the log counts."""
        book, keys = self.book, {name: one.key for name, one in self.claims.items()}
        for name, person in self.people.items():
            rows = part_data(person)["consultations"][0]["reactions"]
            told = [(r["claim"], r["value"], r["served"], r["is_latest"]) for r in rows]
            held = book.answers[name]
            assert told == [(keys[a.claim], a.value, a.served, a.is_latest) for a in held]
            assert [r["undone_at"] is not None for r in rows] == [a.is_undone for a in held]
        counts = answers_to(one.pk for one in self.claims.values())
        for claim, expected in self.served().items():
            found = counts.get(self.claims[claim].pk)
            told = {v: getattr(found, v) for v in VALUES[:4]} if found else {}
            assert {v: n for v, n in told.items() if n} == dict(expected), claim
        shown = {keys[name] for name in book.claims if book.is_shown(name)}
        stand = {keys[name] for name in book.stand()}
        is_open = curation.open_claims(self.consultation).values_list("key", flat=True)
        assert set(is_open) == shown - stand
        self._check_input(keys)
        lines = Counter(Entry.objects.values_list("action", flat=True))
        for action in {*book.lines, *ACTIONS}:
            assert lines[action] - self.before[action] == book.lines[action], action

    def served(self) -> dict[str, Counter[str]]:
        """How many of those asked gave each answer, the crowd among them."""
        found = {name: Counter[str]() for name in self.claims}
        for number, name in enumerate(CLAIMS):
            found[name].update(crowds(place, number) for place in range(CROWD))
        for (_person, claim), answer in self.book.votes().items():
            if answer.served and answer.value != "skipped":
                found[claim][answer.value] += 1
        return found

    def _check_input(self, keys: dict[str, str]) -> None:
        book = self.book
        head, columns = gather(self.consultation)
        there = {n: one for n, one in book.statements.items() if not one.is_withdrawn}
        assert {one["id"] for one in head["statements"]} == {
            self.statements[name].key for name in there
        }
        kept = {keys[n] for n, c in book.claims.items() if not c.is_hidden and c.words in there}
        assert {one["id"] for one in head["claims"]} == kept
        votes = {
            (head["participants"][p], head["claims"][c]["id"], v)
            for p, c, v in zip(
                *(columns[name].tolist() for name in ("participant", "claim", "value")), strict=True
            )
        }
        expected = {
            (self.people[person].key, keys[claim], VOTES[Reaction.Value(one.value)].value)
            for (person, claim), one in book.votes().items()
            if keys[claim] in kept and one.value != "skipped"
        }
        assert {one for one in votes if not one[0].startswith("p")} == expected
        assert len(votes) - len(expected) == CROWD * len(kept & {keys[n] for n in CLAIMS})
        readable = {keys[n] for n in book.claims if book.is_shown(n)}
        together = sorted(
            [keys[k], keys[f]] for f, k in book.stand().items() if {keys[k], keys[f]} <= readable
        )
        assert sorted(head["curation"]["together"]) == together

    def publish(self) -> None:
        """A new analysis and its spec, whose numbers are those of the book."""
        spec = publish_spec(draft_spec(analysed(self.consultation, by=self.alice), by=self.alice))
        document = spec.load()
        names = {one.key: name for name, one in self.claims.items()}
        clauses = {names[one["claim"]]: one for one in document["clauses"]}
        assert clauses.keys() == {n for n in self.book.claims if self.book.is_shown(n)}
        sheet = csv.DictReader(io.StringIO(export(spec, name="comments.csv")[0].decode()))
        rows = {names[row["claim-id"]]: row for row in sheet}
        assert rows.keys() == clauses.keys()
        served = self.served()
        for name, clause in clauses.items():
            if len(self.book.family(name)) > 1:
                continue  # Their answers count together, in a way that others test.
            told, said = clause["support"]["overall"], served[name]
            expected = {
                "agree": said["agree"],
                "disagree": said["disagree"],
                "unsure": said["unsure"] + said["depends"],
            }
            expected["n"] = sum(expected.values())
            shown = {key: told[key] for key in expected if told.get(key) is not None}
            assert shown == {key: expected[key] for key in shown}, name
            assert (name not in CLAIMS) or shown, name
            for column, key in (("agrees", "agree"), ("disagrees", "disagree")):
                assert rows[name][column] in ("", str(expected[key])), name

    def check_all(self) -> None:
        """Pages, receipts, tombstones and the whole log, besides."""
        self.check()
        seal()
        sign_waiting()
        self._check_log()
        spec = latest_public(self.consultation)
        document = SpecVersion.objects.get(pk=spec.pk).load() if spec else None
        for name, person in self.people.items():
            hers = {n for n, one in self.book.statements.items() if one.author == name}
            if name in self.book.gone:
                for one in hers:
                    page = Client().get(f"/c/ai/statements/{self.statements[one].uuid}/").text
                    assert "removed at the author’s request" in page
                    assert WRITTEN[one][1] not in page
                continue
            receipt = json.loads(json.dumps(receipt_of(person)))
            self._check_receipt(receipt, name, hers, document)
            self._check_page(person, hers)

    def _check_receipt(self, receipt: Any, name: str, hers: set[str], document: Any) -> None:
        keys = read_keys("keys", json.dumps(receipt["keys"]), trusted=None)
        assert list(check_citizen(receipt, keys, spec=None, where="receipt"))
        assert not any(
            "not sealed" in one for one in check_citizen(receipt, keys, spec=None, where="")
        )
        names = {one.key: n for n, one in self.statements.items()}
        assert {names[one["reference"]] for one in receipt["statements"]} == hers
        for one in receipt["statements"]:
            statement = names[one["reference"]]
            whole = self.book.where(statement)
            assert one["where"] == whole, statement
            (sentence,) = one["sentences"]
            clause = sentence["clause"]
            told = (sentence["where"], clause and clause["id"])
            assert told in self._places(statement, document), statement
        answers = {one["claim"]: one["value"] for one in receipt["answers"]}
        latest = {c: a for (p, c), a in self.book.votes().items() if p == name}
        assert answers == {self.claims[c].key: a.value for c, a in latest.items()}
        person = self.people[name]
        mine = Q(actor=person.user.audit_key, consultation=self.consultation.uuid)
        assert len(receipt["acts"]) == Entry.objects.filter(mine).count()

    def _places(self, statement: str, document: Any) -> set[tuple[str, str | None]]:
        """Where its one sentence may be, with the clause: read from the published document."""
        whole, held = self.book.where(statement), self.book.statements[statement]
        claim = self.book.claim_of(statement)
        if whole != "shown":
            return {(whole, None)}
        if held.is_denied:
            return {("taken_back", None)}
        assert claim is not None
        stand = self.book.stand()
        for led in (
            lambda c: c["claim"] == self.claims[claim].key,
            lambda c: any(e["statement"] == self.statements[statement].key for e in c["evidence"]),
            lambda c: claim in stand and c["claim"] == self.claims[stand[claim]].key,
        ):
            found = {
                ("not_adopted" if c["status"] == "not_adopted" else "quoted", c["id"])
                for c in (document or {"clauses": ()})["clauses"]
                if led(c)
            }
            if found:
                return found
        elsewhere = self.book.claims[claim].words != statement or claim in stand
        return {("merged" if elsewhere else "shown", None)}

    def _check_page(self, person: Membership, hers: set[str]) -> None:
        browser = Client()
        browser.force_login(person.user)
        page = browser.get("/c/ai/mine/").text
        told = Counter(
            re.findall(r"So far (\d+) people answered: (\d+) agree, (\d+) disagree", page)
        )
        served, expected = self.served(), Counter[tuple[str, ...]]()
        few = 0
        for one in hers:
            claim = self.book.claim_of(one)
            if self.book.where(one) != "shown" or self.book.statements[one].is_denied or not claim:
                continue
            said = served[claim]
            if sum(said.values()) < self.consultation.k:
                few += 1
                continue
            row = (sum(said.values()), said["agree"], said["disagree"])
            expected[tuple(str(number) for number in row)] += 1
        assert told == expected
        assert page.count("people has answered so far") + page.count("people have answered") == few

    def _check_log(self) -> None:
        """Every line is there, sealed once, and together they give the signed root."""
        point = log.latest_checkpoint()
        assert point is not None
        assert point.size == Entry.objects.count()
        tree = Tree()
        for leaf in log.leaves(0, point.size):
            tree.add(leaf.content)
        assert point.root == tree.root().hex()


ACTIONS = (
    *("reaction.cast", "reaction.undone", "statement.withdrawn", "statement.accepted"),
    *("statement.rejected", "statement.waiting", "statement.ruling_undone", "claims.joined"),
    *("decision.undone", "segment.unmerged", "claim.separated", "membership.erased"),
    *("sentence.taken_back", "sentence.reopened"),
)
