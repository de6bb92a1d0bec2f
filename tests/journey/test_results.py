"""What came out: charts and their tables tell the same, and each quote leads to its statement."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from civic.specs.redaction import GONE
from tests.journey.conftest import Cast, NewVisitor
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

# Of each figure: what is drawn, read off the picture, and the rows of the table that follows it.
READ_OFF = """() => Object.fromEntries([...document.querySelectorAll('figure.picture')].map(one => {
  const id = one.id.replace('picture-', ''), svg = one.querySelector('svg');
  const at = (element, place) => Number(/\\(([^,]+),([^)]+)\\)/.exec(
    element.getAttribute('transform'))[place]);
  const lines = [...svg.querySelectorAll('line[x2="0"]')].map(line => at(line, 1));
  const scale = x => (x - Math.min(...lines)) / (Math.max(...lines) - Math.min(...lines)) * 100;
  const squares = [...svg.querySelectorAll('path[fill^="var(--group"]')];
  let twin = one.nextElementSibling;
  while (twin && !twin.querySelector('table')) twin = twin.nextElementSibling;
  return [id, {
    marks: [...svg.querySelectorAll('path')].length,
    tiles: [...svg.querySelectorAll('path[fill="var(--sunken)"]')].length,
    shares: [...svg.querySelectorAll('path[transform][stroke^="var(--group"]')]
      .map(sign => scale(at(sign, 1))),
    bars: [...svg.querySelectorAll('text[font-weight="600"]')].map(text => text.textContent),
    squares: squares.map(square => Number(square.getAttribute('fill-opacity'))),
    tables: twin ? [...twin.querySelectorAll('table')].map(table => [...table.tBodies[0].rows]
      .map(row => [...row.cells].map(cell => cell.innerText || cell.textContent.trim()))) : [],
  }];
}))"""
# Of each clause of a version: every quote on its page, and what is marked where its link leads.
FOLLOW = """async addresses => {
  const page = async address => new DOMParser().parseFromString(
    await (await fetch(address)).text(), 'text/html');
  const plain = text => text.replace(/[“”]/g, '').replace(/\\s+/g, ' ').trim();
  const found = [];
  for (const address of addresses) {
    const clause = await page(address);
    for (const link of clause.querySelectorAll('a[href*="?quote="]')) {
      const quote = link.closest('figure, li, article').querySelector('blockquote, .words, q');
      const marked = (await page(link.getAttribute('href'))).querySelector('blockquote mark');
      found.push([address, plain(quote.textContent), marked && plain(marked.textContent)]);
    }
  }
  return found;
}"""


@pytest.fixture
def stranger(new_visitor: NewVisitor, cast: Cast) -> Visitor:
    """Somebody who reads the results."""
    return new_visitor()


# check 22
def test_every_chart_has_a_table_with_the_same_numbers(stranger: Visitor) -> None:
    """Signs, squares, bars and areas are where the cells of the table say."""
    stranger.go("results/")
    figures: dict[str, Any] = stranger.page.evaluate(READ_OFF)
    assert {"glance", "common", "map", "themes", "margins"} <= figures.keys()
    assert [name for name, figure in figures.items() if not figure["tables"]] == []
    for name in ("common", "differences"):
        if name in figures:
            assert_same_shares(figures[name])
    glance = figures["glance"]
    drawn = [int(row[1]) for row in glance["tables"][0][:-1]]  # the last part is not drawn
    assert sum(drawn) == glance["marks"]
    margins = figures["margins"]
    assert [row[-1] for row in margins["tables"][0]] == margins["bars"]
    squares = figures["map"]
    people = [int(cell) for row in squares["tables"][0] for cell in row[1:] if cell]
    shades = zip(people, squares["squares"], strict=True)
    for (few, pale), (many, dark) in itertools.permutations(shades, 2):
        assert few >= many or pale <= dark
    topics = [row for table in figures["themes"]["tables"] for row in table[1:]]
    assert figures["themes"]["tiles"] >= len(topics) > 0


def assert_same_shares(figure: dict[str, Any]) -> None:
    """Each sign of a group stands at the share of its cell, in the order of the rows."""
    cells = [cell for row in figure["tables"][0] for cell in row[3:]]
    told = [re.match(r"([<>]?)(\d+)\s?%", cell) for cell in cells]
    shares = [int(one[2]) for one in told if one]
    assert len(shares) == len(figure["shares"])
    assert [abs(a - b) <= 1 for a, b in zip(shares, figure["shares"], strict=True)] == [True] * len(
        shares
    )


# check 22
def test_every_quote_opens_its_statement_at_these_words(stranger: Visitor) -> None:
    """All quotes of the first version that nobody had deleted, followed one by one."""
    slug = stranger.platform.slug
    keys = stranger.platform.rows(
        "select distinct c.key from specs_clause c join specs_specversion v on v.id = c.spec_id"
        " join consultations_consultation o on o.id = v.consultation_id"
        " join specs_evidence e on e.clause_id = c.id and e.statement_id is not null"
        " where v.number = 1 and c.status <> 'not_adopted' and o.slug = ? and e.quote <> ?",
        slug,
        GONE,
    )
    stranger.go("results/")
    addresses = [f"/c/{slug}/spec/1/clauses/{key}/" for (key,) in keys]
    assert len(addresses) > 20
    followed = stranger.page.evaluate(FOLLOW, addresses)
    assert {address for address, _, _ in followed} == set(addresses)
    assert [found for found in followed if found[1] != found[2]] == []


# check 22
def test_a_group_too_small_to_be_shown_is_told_in_words(stranger: Visitor) -> None:
    """Where fewer answered than may be shown, a page has words and no number."""
    rows = stranger.platform.rows(
        "select c.key, c.data from specs_clause c join specs_specversion v on v.id = c.spec_id"
        " join consultations_consultation o on o.id = v.consultation_id"
        " where v.number = 1 and o.slug = ?",
        stranger.platform.slug,
    )
    small = [key for key, data in rows if re.search(r'"n": ?null', data)]
    assert small
    stranger.go(f"spec/1/clauses/{small[0]}/")
    cell = stranger.page.get_by_role("cell", name=re.compile("Too few to show", re.IGNORECASE))
    expect(cell.first).to_be_visible()
    assert not re.search(r"\d", cell.first.inner_text())
