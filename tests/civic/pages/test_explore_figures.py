"""Figures of an analysis: what few people said, the table of groups, other rules, long lists."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from explored import PAGES, address, crowd, texts

from aggregation.spec.assurance import RULE_NAMES
from civic.accounts.models import User
from civic.analysis import exploring
from civic.analysis.models import Run
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.pages.templatetags.exploring import RULES
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Segment, Statement
from tests.civic.pages.conftest import analysed


def test_themes_tell_how_many_people_and_answers_they_have(
    run: Run, asked: list[Claim], desk: Client
) -> None:
    """Forty people answered three sentences; each counts once as a person."""
    found = exploring.found_in(run)
    assert found is not None
    assert max(theme.people or 0 for theme in found.themes) == 40
    assert sum(theme.answers or 0 for theme in found.themes) == 120
    assert "40 people" in texts(desk.get(address("explore", run)).content.decode())


def test_agreement_is_what_is_told_of_rejected_sentences_too(run: Run, asked: list[Claim]) -> None:
    """A spec tells who rejects "sell my data"; here every share is of agreement: 4 of 40."""
    found = exploring.found_in(run)
    assert found is not None
    cell = found.of(asked[1].key).support["overall"]  # type: ignore[union-attr]
    assert (cell["n"], cell["agree"], cell["estimate"]) == (40, 4, 0.1)
    assert cell["lo"] < 0.1 < cell["hi"]


# --- few people


def test_fewer_than_five_are_not_told(
    consultation: Consultation, alice: User, new_claim: Callable[..., Claim], desk: Client
) -> None:
    """Four answers make no figure on any page, in the file or in a theme."""
    claim = new_claim("AI should be rare.")
    for person in crowd(consultation, 4):
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
    for person in crowd(consultation, 12):
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


def _rows(content: bytes) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))
