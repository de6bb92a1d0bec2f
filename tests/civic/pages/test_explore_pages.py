"""Looking around in what an analysis found: pages of organizers, analysts and auditors."""

from __future__ import annotations

import copy
import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aggregation.spec.assurance import RULE_NAMES
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis import exploring
from civic.analysis.models import Run
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import grant_role
from civic.pages.templatetags.exploring import RULES
from civic.reactions.models import Reaction
from civic.statements.heirs import settle_claims
from civic.statements.models import Claim, Segment, Statement
from tests.civic.pages.conftest import analysed

SignIn = Callable[[User | None], Client]
PAGES = (
    *("explore", "explore_sentences", "explore_groups", "explore_table"),
    *("explore_map", "explore_rules", "what_if"),
)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def desk(alice: User, sign_in: SignIn) -> Client:
    """The organizer's browser."""
    return sign_in(alice)


def address(name: str, of: Run, **query: object) -> str:
    return reverse(f"pages:{name}", args=[of.consultation.slug], query=query or None)


def texts(page: str) -> str:
    """The page without line breaks and runs of space."""
    return " ".join(page.split())


# --- who may look


def test_those_who_analyse_or_audit_may_look(
    run: Run, people: dict[str, User | None], sign_in: SignIn
) -> None:
    """Organizer, analyst and auditor see every page; moderators and citizens do not."""
    analyst = ensure_user("analyst@example.org", display_name="analyst")
    grant_role(run.consultation, user=analyst, role="analyst")
    for role, user in (people | {"analyst": analyst}).items():
        allowed = role in ("organizer", "analyst", "auditor")
        for name in PAGES:
            status = sign_in(user).get(address(name, run)).status_code
            assert (status == 200) == allowed, (role, name, status)
            assert status in (200, 401, 403, 404)


def test_before_any_analysis_the_pages_say_so(consultation: Consultation, desk: Client) -> None:
    """No analysis is no error: each page tells what is missing and leads there."""
    for name in PAGES:
        if name == "explore_table":
            continue
        response = desk.get(reverse(f"pages:{name}", args=[consultation.slug]))
        assert response.status_code == 200
        assert "There is nothing to explore yet." in response.content.decode()
    assert desk.get(reverse("pages:explore_table", args=[consultation.slug])).status_code == 404


def test_another_analysis_can_be_looked_at(run: Run, desk: Client) -> None:
    """`?run=` opens an earlier one; what is none of this consultation's is not found."""
    page = desk.get(address("explore", run, run=run.uuid)).content.decode()
    assert f"?run={run.uuid}" in page
    for wrong in (uuid.uuid4(), "no-uuid", "' OR 1=1", "\0"):
        assert desk.get(address("explore", run, run=wrong)).status_code == 404


# --- themes, sentences, quotes


def test_themes_lead_to_sentences_and_to_the_words_behind_them(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """Theme, sentence, quote, statement: each one click from the other."""
    page = desk.get(address("explore", run)).content.decode()
    one = reverse("pages:explore_sentence", args=[run.consultation.slug, asked[0].uuid])
    assert one in page
    page = desk.get(one).content.decode()
    statement = asked[0].statement
    quote = reverse("pages:statement", args=[run.consultation.slug, statement.uuid])
    assert f"{quote}?quote=0-{len(statement.text)}" in page
    marked = desk.get(f"{quote}?quote=0-{len(statement.text)}").content.decode()
    assert "<mark>AI should be kind to everybody.</mark>" in marked


def test_themes_tell_how_many_people_and_answers_they_have(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """Forty people answered three sentences; each counts once as a person."""
    found = exploring.found_in(run)
    assert found is not None
    assert max(theme.people or 0 for theme in found.themes) == 40
    assert sum(theme.answers or 0 for theme in found.themes) == 120
    assert "40 people" in texts(desk.get(address("explore", run)).content.decode())


def test_sentences_are_found_by_words_standing_and_difference(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """Each part of the search leaves out what does not fit, and all of them together do."""

    def shown(**query: object) -> set[int]:
        page = desk.get(address("explore_sentences", run, **query)).content.decode()
        return {n for n, one in enumerate(asked) if str(one.uuid) in page}

    assert shown() == {0, 1, 2}
    assert shown(q="LOAN") == {2}
    assert shown(q="nothing like it") == set()
    found = exploring.found_in(run)
    assert found is not None
    for status in exploring.STATUSES:
        wanted = {one.key for one in found.sentences if one.status == status}
        assert shown(status=status) == {n for n, one in enumerate(asked) if one.key in wanted}
    assert shown(status="adopted", q="loan") == set()
    assert shown(theme="-") | {0, 1, 2} == {0, 1, 2}
    assert shown(language="xx", status="odd", apart="7", order="?", theme="none") == {0, 1, 2}


def test_parts_of_a_theme_are_looked_at_by_themselves(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """A topic holds its own sentences; the words that were looked for are marked, and are text."""
    document = json.loads(files.read(run.outcome_file))
    clause = next(c for c in document["clauses"] if c["claim"] == asked[2].key)
    topic = {"id": "t.1", "title": "Loans <b>", "keywords": [], "clauses": [clause["id"]]}
    document["sections"][0]["topics"] = [topic, topic | {"id": "t.2", "clauses": []}]
    run.outcome_file = files.write(f"runs/{run.uuid}/t.json", [json.dumps(document).encode()])
    run.save()
    overview = desk.get(address("explore", run)).content.decode()
    assert "topic=t.1" in overview
    assert "Loans &lt;b&gt;" in overview
    page = desk.get(
        address("explore_sentences", run, topic="t.1", q="gets A LOAN")
    ).content.decode()
    assert "AI should decide who <mark>gets a loan</mark>." in page
    assert str(asked[0].uuid) not in page
    nothing = desk.get(address("explore_sentences", run, topic="t.1", q="<b>")).content.decode()
    assert "&lt;b&gt;" in nothing
    assert "Nothing fits." in nothing


def test_the_order_is_the_one_asked_for(run: Run, asked: list[Claim]) -> None:
    """Most agreed: the kind sentence. Most divisive: the loan. Nobody shares the sold data."""
    found = exploring.found_in(run)
    assert found is not None

    def order(name: str) -> list[str]:
        return [one.key for one in exploring.search(found.sentences, order=name)]

    kind, data, loan = (one.key for one in asked)
    assert order("agreed") == [kind, loan, data]
    assert order("divisive")[0] == loan
    assert order("unsure")[0] == kind
    assert order("shared")[0] == kind
    assert len(order("least")) == 3


def test_agreement_is_what_is_told_of_rejected_sentences_too(run: Run, asked: list[Claim]) -> None:
    """A spec tells who rejects "sell my data"; here every share is of agreement: 4 of 40."""
    found = exploring.found_in(run)
    assert found is not None
    cell = found.of(asked[1].key).support["overall"]  # type: ignore[union-attr]
    assert (cell["n"], cell["agree"], cell["estimate"]) == (40, 4, 0.1)
    assert cell["lo"] < 0.1 < cell["hi"]


def test_words_that_are_no_longer_shown_are_gone(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """A statement that was hidden or taken back since the analysis stands on no page of it."""
    Statement.objects.filter(pk=asked[0].statement_id).update(
        moderation="rejected", moderation_reason="No."
    )
    for name in PAGES:
        page = desk.get(address(name, run)).getvalue().decode()
        assert "kind to everybody" not in page, name
    one = reverse("pages:explore_sentence", args=[run.consultation.slug, asked[0].uuid])
    assert desk.get(one).status_code == 404


def test_words_that_others_carry_on_are_not_the_old_ones(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """Her statement is withdrawn and the claim goes on in other words: hers stand on no page."""
    heir = Statement.objects.create(
        consultation=run.consultation, text="AI must be nice.", language="en", moderation="accepted"
    )
    Segment.objects.create(claim=asked[0], statement=heir, start=0, end=16, is_norm=True)
    withdrawn = asked[0].statement
    withdrawn.withdrawn_at = withdrawn.created_at
    withdrawn.save(update_fields=["withdrawn_at"])
    settle_claims(withdrawn)
    asked[0].refresh_from_db()
    assert asked[0].text == heir.text
    for name in PAGES:
        assert "kind to everybody" not in desk.get(address(name, run)).getvalue().decode(), name
    one = reverse("pages:explore_sentence", args=[run.consultation.slug, asked[0].uuid])
    assert desk.get(one).status_code == 404


def test_hostile_words_are_text(
    consultation: Consultation, alice: User, new_claim: Callable[..., Claim], desk: Client
) -> None:
    """Markup in a sentence, a title or a condition is shown as it was written."""
    claim = new_claim(f"AI should {HOSTILE} obey.")
    crowd = _crowd(consultation, 12)
    for person in crowd:
        Reaction.objects.create(
            claim=claim, participant=person, value="depends", condition=HOSTILE, served=True
        )
    made = analysed(consultation, by=alice)
    made.themes.update(title=HOSTILE)
    one = reverse("pages:explore_sentence", args=[consultation.slug, claim.uuid])
    pages = [
        desk.get(address(name, made)).content.decode() for name in PAGES if "table" not in name
    ]
    for page in [*pages, desk.get(one).content.decode()]:
        assert HOSTILE not in page
    assert "&lt;script&gt;" in desk.get(one).content.decode()


def test_conditions_are_for_those_who_analyse(
    run: Run, asked: list[Claim], people: dict[str, User | None], sign_in: SignIn
) -> None:
    """ "It depends when": organizers read it, in no order of time; auditors do not."""
    for number, person in enumerate(_crowd(run.consultation, 3)):
        Reaction.objects.create(
            claim=asked[0],
            participant=person,
            value="depends",
            condition=f"When it is case {3 - number}.",
            served=True,
        )
    one = reverse("pages:explore_sentence", args=[run.consultation.slug, asked[0].uuid])
    page = sign_in(people["organizer"]).get(one).content.decode()
    places = [page.index(f"case {n}.") for n in (1, 2, 3)]
    assert places == sorted(places)
    assert "case 1." not in sign_in(people["auditor"]).get(one).content.decode()


# --- few people


def test_fewer_than_five_are_not_told(
    consultation: Consultation, alice: User, new_claim: Callable[..., Claim], desk: Client
) -> None:
    """Four answers make no figure on any page, in the file or in a theme."""
    claim = new_claim("AI should be rare.")
    for person in _crowd(consultation, 4):
        Reaction.objects.create(claim=claim, participant=person, value="agree", served=True)
    made = analysed(consultation, by=alice)
    found = exploring.found_in(made)
    assert found is not None
    one = found.of(claim.key)
    assert one is not None
    assert (one.n, one.low, one.apart, one.unsure) == (0, None, None, None)
    assert all(theme.people is None for theme in found.themes)
    page = desk.get(address("explore_sentences", made)).content.decode()
    assert "Fewer than 10 people answered" in page
    assert "100 %" not in texts(page).replace("\N{NO-BREAK SPACE}", " ").split("<main", 1)[1]
    rows = _rows(desk.get(address("explore_table", made)).getvalue())
    assert set(rows[1][4:]) == {""}


def test_authors_verdicts_are_told_from_ten_on(run: Run, asked: list[Claim], desk: Client) -> None:
    """Whether a sentence is what authors mean is told as a number of ten at least."""
    one = reverse("pages:explore_sentence", args=[run.consultation.slug, asked[0].uuid])
    for number in range(10):
        assert "said yes" not in desk.get(one).content.decode()
        statement = Statement.objects.create(
            consultation=run.consultation, text=f"So be it {number}.", moderation="accepted"
        )
        Segment.objects.create(
            statement=statement, start=0, end=9, claim=asked[0], verdict="yes" if number else "no"
        )
    assert "Of 10 authors" in texts(desk.get(one).content.decode())


# --- the table of groups


def test_the_table_sorts_by_every_column(run: Run, asked: list[Claim], desk: Client) -> None:
    """A link in each head sorts by it, falling first; an unknown column is the usual one."""
    found = exploring.found_in(run)
    assert found is not None
    for column in ("all", "n", "apart", *found.groups):
        page = desk.get(address("explore_groups", run, sort=f"-{column}")).content.decode()
        assert page.count("aria-sort") == 1
        assert f"sort={column}" in page
    usual = desk.get(address("explore_groups", run, sort="nonsense")).content.decode()
    assert 'aria-sort="descending"' in usual
    page = desk.get(address("explore_groups", run, sort="all")).content.decode()
    places = [page.index(str(asked[n].uuid)) for n in (1, 2, 0)]
    assert places == sorted(places)


def test_the_file_is_harmless_in_a_spreadsheet(
    consultation: Consultation, alice: User, new_claim: Callable[..., Claim], desk: Client
) -> None:
    """A sentence that a spreadsheet would run as a formula is text in it."""
    claim = new_claim('=HYPERLINK("http://x","AI should click")')
    for person in _crowd(consultation, 12):
        Reaction.objects.create(claim=claim, participant=person, value="agree", served=True)
    made = analysed(consultation, by=alice)
    response = desk.get(address("explore_table", made))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    rows = _rows(response.getvalue())
    assert rows[1][0] == "'" + claim.text
    assert rows[1][5:9] == ["12", "12", "0", "0"]


# --- other rules, and the map


def test_every_rule_is_told_with_what_it_takes(run: Run, desk: Client) -> None:
    """The table has a row for each sentence that any rule takes, and survivors are taken by all."""
    found = exploring.found_in(run)
    assert found is not None
    page = desk.get(address("explore_rules", run)).content.decode()
    for part in exploring.rules_compared(found):
        assert part.survivors == sum(kept == len(part.rules) for _one, _marks, kept in part.rows)
        assert all(sum(marks) == kept for _one, marks, kept in part.rows)
    assert page.count("<table") >= 2 * len(exploring.rules_compared(found))
    assert set(RULE_NAMES) == set(RULES)


def test_the_map_stands_with_its_table(run: Run, desk: Client) -> None:
    """Forty people are enough for a map; its numbers stand in a table too."""
    page = desk.get(address("explore_map", run)).content.decode()
    assert "The map as a table" in page or "There is no map of this analysis" in page
    assert "<h2" in page


def test_a_run_without_files_is_no_error(consultation: Consultation, desk: Client) -> None:
    """Runs from before files were kept open no page in error."""
    made = Run.objects.create(consultation=consultation, status=Run.Status.DONE)
    gone = {"outcome_file": "runs/gone.json", "basis_file": "runs/gone.npz"}
    Run.objects.create(consultation=consultation, status=Run.Status.DONE, **gone)
    for name in PAGES:
        assert desk.get(reverse(f"pages:{name}", args=[consultation.slug])).status_code in (
            200,
            404,
        )
        assert desk.get(address(name, made)).status_code in (200, 404), name


# --- size


def test_a_page_asks_as_little_of_a_thousand_sentences(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """As many queries with three sentences as with a thousand, whatever the page."""
    few = {name: _queries(desk, address(name, run)) for name in PAGES}
    _enlarge(run, to=1000)
    many = {name: _queries(desk, address(name, run)) for name in PAGES}
    assert many == few
    page = desk.get(address("explore_sentences", run)).content.decode()
    assert "1000 sentences" in texts(page) or "1,000 sentences" in texts(page)
    second = desk.get(address("explore_sentences", run, page=2, order="agreed")).content.decode()
    assert "order=agreed&amp;page=3" in second


def _queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def _enlarge(run: Run, *, to: int) -> None:
    """So many claims, and an outcome that has clauses for all of them."""
    document = json.loads(files.read(run.outcome_file))
    original = document["clauses"][0]
    statement = Statement.objects.get(key=original["evidence"][0]["statement"])
    rows = Claim.objects.bulk_create(
        Claim(consultation=run.consultation, statement=statement, start=0, end=9, language="en")
        for _ in range(to - len(document["clauses"]))
    )
    for row in rows:
        clause = copy.deepcopy(original)
        clause |= {"id": f"c_{row.key}", "claim": row.key, "section": None}
        document["clauses"].append(clause)
    run.outcome_file = files.write(f"runs/{run.uuid}/o.json", [json.dumps(document).encode()])
    run.save()


def _crowd(consultation: Consultation, number: int) -> list[Membership]:
    return Membership.objects.bulk_create(
        Membership(consultation=consultation, key=uuid.uuid4().hex[:12], is_participant=True)
        for _ in range(number)
    )


def _rows(content: bytes) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))
