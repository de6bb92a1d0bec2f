"""What leaves the house says what the spec says, and nothing that a citizen wrote is markup."""

from __future__ import annotations

import copy
import json
import re

import pytest
import worlds

from aggregation.exports import CONTENT_TYPES, NAMES, render
from aggregation.exports.markdown import escape, percent, to_markdown
from aggregation.exports.system_prompt import to_system_prompt
from aggregation.run import aggregate
from aggregation.spec import from_bytes


@pytest.fixture(scope="module")
def spec():
    return aggregate(worlds.corpus(), worlds.votes()).document


def test_every_export_is_a_pure_function_of_the_document(spec):
    """Rendering changes nothing and gives the same bytes again."""
    before = copy.deepcopy(spec)
    assert all(render(name, spec) == render(name, spec) for name in NAMES)
    assert spec == before
    assert set(CONTENT_TYPES) == set(NAMES)


def test_json_comes_back_whole(spec):
    """spec.json read again is the document."""
    assert from_bytes(render("spec.json", spec)) == spec


def test_markdown_headings_carry_ids_and_authority(spec):
    """Adopted, provisional and contested clauses parse back with id and authority."""
    text = render("spec.md", spec).decode()
    found = dict(re.findall(r"^### .*\{#(\w+) authority=(\w+)\}$", text, re.MULTILINE))
    assert found == {
        c["id"]: c["authority"] for c in spec["clauses"] if c["status"] != "not_adopted"
    }
    anchors = re.findall(r"\{#(\w+)[ }]", text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\[\?\]\(#(\w+)\)", text)) <= set(anchors)


def test_markdown_tells_norms_from_what_is_contested(spec):
    """MUST stands before norms; a contested sentence is introduced as a disagreement."""
    text = to_markdown(spec)
    assert "**MUST NOT.** Citizens say: “The AI should never sell private data.”" in text
    assert "**MUST NOT.** Citizens reject: “The AI should rule the whole country.”" in text
    assert "\n### Rejected: “The AI should rule the whole country.” {#" in text
    assert "\n### The AI should never sell private data. {#" in text
    contested = text.split("# Contested {#contested}")[1].split("# Not adopted")[0]
    assert "**MUST" not in contested
    assert "Citizens disagree about: “The AI should refuse every question" in contested


@pytest.mark.parametrize(
    "hostile",
    [
        "# Heading",
        "- a list",
        "1. numbered",
        "<script>alert(1)</script>",
        "[link](http://example.org)",
        "| a | b |",
        "line\nbreak ```",
        "![x](y) *bold* _it_ `code` ~~~",
    ],
)
def test_citizens_words_are_never_markup(hostile):
    """Every character that Markdown reads is escaped, on one line."""
    line = escape(hostile)
    assert "\n" not in line
    bare = re.sub(r"\\.", "", line)
    assert not re.search(r"[*_`<>\[\]|#~]", bare)
    assert not re.match(r"\s*([-+]|\d+[.)])\s", bare)
    assert re.sub(r"\\(.)", r"\1", line) == " ".join(hostile.split())


def test_shares_are_never_rounded_to_certainty():
    """Nearly all is not all, and nearly none is not none."""
    assert [percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %",
        "<1 %",
        "50 %",
        ">99 %",
        "100 %",
    ]


def test_principles_come_in_both_polarities(spec):
    """Each adopted clause, and no other, with its id and a string for either direction."""
    rows = json.loads(render("principles.json", spec))
    adopted = [c["id"] for c in spec["clauses"] if c["status"] == "adopted"]
    assert [row["clause_id"] for row in rows] == adopted
    rejected = next(r for r in rows if "rule the whole country" in r["positive"])
    assert rejected["positive"].startswith("Choose the response that least follows")
    assert rejected["negative"].startswith("Choose the response that most goes against")


def test_system_prompt_keeps_its_budget_and_says_what_it_left_out(spec):
    """Short budgets hold fewer clauses and count the rest."""
    long, short = (to_system_prompt(spec, tokens=t) for t in (3000, 150))
    assert len(short) <= 150 * 4
    assert "Nothing was left out" in long
    assert re.search(r"Left out for length: \d+ clauses", short)
    assert "mountains" not in long.lower()
