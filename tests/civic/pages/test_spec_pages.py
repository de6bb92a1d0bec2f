"""The spec as people read it: parts, numbers, sources, files, and what a withdrawn one leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from aggregation.exports import NAMES
from aggregation.run import STAGES
from aggregation.spec import words
from aggregation.spec.words import REASONS
from civic.accounts.models import User
from civic.analysis.steps import LABELS
from civic.consultations.models import Consultation
from civic.pages.templatetags.exploring import RULES
from civic.specs import wording
from civic.specs.models import SpecVersion
from civic.specs.reading import PARTS
from civic.specs.services import withdraw_spec
from civic.specs.wording import CAUSES, CHANGES, PROCEDURES, REASON_TITLES
from civic.specs.wording import REASONS as REASON_WORDS

SignIn = Callable[[User | None], Client]


def test_no_spec_yet_is_said_so(consultation: Consultation, client: Client) -> None:
    """Before the first publication the page explains, with 200."""
    assert "No spec has been published" in client.get("/c/ai/spec/").content.decode()


def test_the_parts_stand_in_order_and_apart(published: SpecVersion, client: Client) -> None:
    """Summary, groups, common ground, provisional, contested, not adopted: each a named region."""
    page = client.get("/c/ai/spec/").content.decode()
    places = [
        page.index(mark)
        for mark in (
            'class="three"',
            'id="groups"',
            'id="adopted"',
            'id="provisional"',
            'id="contested"',
            'id="not_adopted"',
            'id="method"',
        )
    ]
    assert places == sorted(places)
    for title in ("Common ground", "Provisional", "Contested", "Not adopted"):
        assert re.search(rf"<h2 id=\"\w+-title\">.*?{title}", page, re.DOTALL)


def test_each_clause_stands_once_in_its_part(published: SpecVersion, client: Client) -> None:
    """Every clause of the document stands in the pages of its part, and links to its own."""
    pages = [client.get(f"/c/ai/spec/1/parts/{part}/").content.decode() for part in PARTS]
    page = "".join(pages)
    for clause in published.load()["clauses"]:
        assert clause["text"] in page
        assert reverse("specs:clause", args=["ai", 1, clause["id"]]) in page


def test_the_table_says_what_the_document_says(published: SpecVersion, client: Client) -> None:
    """People, share and interval are the document's, for everybody and for each group."""
    clause = published.load()["clauses"][0]
    page = client.get(reverse("specs:clause", args=["ai", 1, clause["id"]])).content.decode()
    overall = clause["support"]["overall"]
    assert f'<td class="amount">{overall["n"]}</td>' in page
    assert f"{overall['estimate'] * 100:.0f} %" in page
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count("<tr>") == 2 + len(clause["support"]["by_group"])


def test_a_rejected_sentence_is_not_read_as_a_norm(published: SpecVersion, client: Client) -> None:
    """Where citizens broadly disagree, the page says so before the quote and turns the modality."""
    [clause] = [c for c in published.load()["clauses"] if "sell my data" in c["text"]]
    assert clause["stance"] == "rejects"
    page = client.get(reverse("specs:clause", args=["ai", 1, clause["id"]])).content.decode()
    assert page.index("Citizens reject this:") < page.index(clause["text"], page.index("<article"))
    assert re.search(r"(MUST|SHOULD) NOT", page)


def test_a_quote_leads_to_the_whole_statement_with_the_passage_marked(
    published: SpecVersion, client: Client
) -> None:
    """From clause to citizen in one step; the marked passage is the quote, to the character."""
    row = published.clauses.first()
    passage = row.evidence.select_related("statement").first()
    path = reverse("pages:statement", args=["ai", passage.statement.uuid])
    link = f"{path}?quote={passage.start}-{passage.end}"
    assert link in client.get(reverse("specs:clause", args=["ai", 1, row.key])).content.decode()
    page = client.get(link).content.decode()
    assert f"<mark>{passage.quote}</mark>" in page


@pytest.mark.parametrize("quote", ["", "5", "9-2", "0-99999", "a-b", "-1-3", "٣-٤"])
def test_a_passage_that_is_not_there_marks_nothing(
    published: SpecVersion, client: Client, quote: str
) -> None:
    """A wrong range in the address shows the text unmarked."""
    statement = published.clauses.first().evidence.first().statement
    path = reverse("pages:statement", args=["ai", statement.uuid])
    page = client.get(path, {"quote": quote})
    assert page.status_code == 200
    assert "<mark>" not in page.content.decode()


def test_a_long_spec_stays_usable(
    published: SpecVersion,
    client: Client,
    enlarge: Callable[..., SpecVersion],
    django_assert_max_num_queries: Any,
) -> None:
    """1,275 clauses take as few queries as three, and each part comes in pages."""
    enlarge(published, to=1275)
    for path in ("spec/", "results/", "spec/1/parts/not_adopted/", "spec/1/files/report.html"):
        with django_assert_max_num_queries(6):
            page = client.get(f"/c/ai/{path}")
        assert page.status_code == 200
    listed = client.get("/c/ai/spec/1/parts/adopted/")
    assert len(listed.context["page"]) == 40
    assert listed.content.count(b'<article class="card clause') == 40


def test_not_adopted_sentences_can_be_searched(
    published: SpecVersion, client: Client, rewrite: Callable[..., None]
) -> None:
    """Words and reason filter the list by a plain GET form; nothing found is said so."""
    document = published.load()
    document["clauses"][-1] |= {"status": "not_adopted", "tier": "none", "text": "Zebra crossing."}
    document["clauses"][-1]["reason"]["code"] = "not_broad"
    rewrite(published, document)
    path = "/c/ai/spec/1/parts/not_adopted/"
    found = client.get(path, {"q": "zebra", "reason": "not_broad"})
    assert [c["text"] for c in found.context["page"]] == ["Zebra crossing."]
    assert "Nothing fits." in client.get(path, {"q": "no such word"}).content.decode()
    assert client.get(path, {"page": "no-number", "reason": "<b>"}).status_code == 200
    assert client.get("/c/ai/spec/1/parts/no-such-part/").status_code == 404


def test_files_can_be_kept_for_ever(published: SpecVersion, client: Client) -> None:
    """Every export downloads with an ETag, is asked about again, and answers 304 to who has it."""
    assert client.get("/c/ai/spec/1/files/").status_code == 200
    for name in NAMES:
        path = reverse("specs:download", args=["ai", 1, name])
        answer = client.get(path)
        assert answer.status_code == 200
        assert "no-cache" in answer["Cache-Control"]
        assert answer["Content-Disposition"] == f'attachment; filename="ai-1-{name}"'
        assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    stored = client.get(reverse("specs:download", args=["ai", 1, "spec.json"])).content
    assert stored == bytes(published.document)


def test_unknown_files_and_versions_are_not_found(published: SpecVersion, client: Client) -> None:
    """Neither a path that climbs, nor a name or number that is not there."""
    for rest in ("1/files/secret-key", "1/files/..", "9/", "9/files/", "1/clauses/none/"):
        assert client.get(f"/c/ai/spec/{rest}").status_code == 404


def test_files_of_a_draft_are_not_kept(draft: SpecVersion, sign_in: SignIn, alice: User) -> None:
    """The team may download a draft; no cache may hold it, and strangers get nothing."""
    path = reverse("specs:download", args=["ai", draft.number, "spec.json"])
    answer = sign_in(alice).get(path)
    assert answer["Cache-Control"] == "private, no-store"
    assert sign_in(None).get(path).status_code == 401


def test_files_of_a_closed_consultation_are_not_shared(
    published: SpecVersion, sign_in: SignIn, bob: User
) -> None:
    """By invitation only: a shared cache must not hand them to others."""
    Consultation.objects.update(access="invite")
    answer = sign_in(bob).get(reverse("specs:download", args=["ai", 1, "spec.json"]))
    assert answer["Cache-Control"].startswith("private")


def test_a_withdrawn_version_leaves_reason_and_fingerprint(
    published: SpecVersion, client: Client, alice: User
) -> None:
    """Its number answers with the tombstone, its files are gone, and it is no longer the latest."""
    withdraw_spec(published, by=alice, reason="A count was wrong.")
    page = client.get("/c/ai/spec/1/").content.decode()
    assert "A count was wrong." in page
    assert published.sha256 in page
    assert client.get("/c/ai/spec/1/files/").status_code == 404
    assert client.get(reverse("specs:download", args=["ai", 1, "spec.json"])).status_code == 404
    assert "No spec has been published" in client.get("/c/ai/spec/").content.decode()


def test_invented_consultations_say_so(
    published: SpecVersion, client: Client, rewrite: Callable[..., None]
) -> None:
    """The badge stands on every page of the consultation, the notice on top of the spec."""
    Consultation.objects.update(is_synthetic=True)
    rewrite(published, published.load() | {"synthetic": True})
    assert "Invented example" in client.get("/").content.decode()
    assert "Invented example" in client.get("/c/ai/").content.decode()
    assert "made up" in client.get("/c/ai/spec/").content.decode()


def test_every_reason_has_a_title_for_the_filter() -> None:
    """Whatever can keep a sentence out of a spec can be chosen in words, not by its code."""
    lets_in = {"broad_support", "needs_more_reactions", "divides_groups", "opposite_views", "voice"}
    assert set(REASON_TITLES) == set(REASONS) - lets_in


def test_every_code_of_a_document_has_words_in_the_readers_language() -> None:
    """Reasons, procedures, changes and causes: none falls back to the document's English."""
    assert set(REASON_WORDS) == set(REASONS)
    for code, told in REASON_WORDS.items():
        assert ("%(group)s" in str(told)) == ("{group}" in REASONS[code])
    assert set(PROCEDURES) == {"plural", "voice"}
    assert {"added", "removed", "status", "modality"} == set(CHANGES)
    assert "first version" in CAUSES
    assert any("new statements" in cause for cause in CAUSES)


def test_the_rule_is_told_in_the_readers_language(
    published: SpecVersion, client: Client, rewrite: Callable[..., None]
) -> None:
    """Page and report say it from what every document holds; another rule stays as it was told."""
    assert (wording.RULE, wording.SUPPRESSION) == (words.RULE, words.SUPPRESSION)
    document = published.load()
    pages = ["/c/ai/spec/1/", "/c/ai/spec/1/files/report.html"]
    for page in (client.get(path, headers={"Accept-Language": "de"}).text for path in pages):
        assert "Wilson-Untergrenzen" in page
        assert "weniger als 10 Menschen geantwortet haben" in page
        assert document["method"]["rule"] not in page
    compared = {
        rule["rule"]
        for one in document["certificates"]["selections"]
        for rule in one["sensitivity"]["rules"]
    }
    page = client.get(pages[0], headers={"Accept-Language": "de"}).text
    with override("de"):
        assert all(escape(str(RULES[name])) in page for name in compared)
    document["method"]["rule"] = "The oldest sentence wins."
    rewrite(published, document)
    page = client.get(pages[0], headers={"Accept-Language": "de"}).text
    assert '<span lang="en" dir="ltr">The oldest sentence wins.</span>' in page


def test_every_stage_of_an_analysis_has_words() -> None:
    """The progress page names what happens, not the stage's code name."""
    assert set(STAGES) <= set(LABELS)


def test_numbers_about_too_few_people_are_not_told(
    published: SpecVersion, client: Client, rewrite: Callable[..., None]
) -> None:
    """Where the document leaves counts out, card and clause page say so, and give no figure."""
    document = published.load()
    clause = document["clauses"][0]
    hidden = {"n": None, "suppressed": True}
    clause["support"]["overall"] = hidden
    clause["support"]["by_group"] = [hidden | {"group": "A"}]
    clause["support"]["observed_share"] = None
    rewrite(published, document)
    published.clauses.filter(key=clause["id"]).update(data=clause)
    page = client.get("/c/ai/spec/").content.decode()
    assert "Too few answers to show." in page
    assert "None" not in page
    page = client.get(reverse("specs:clause", args=["ai", 1, clause["id"]])).content.decode()
    assert page.count("Too few to show") == 2
    assert "None" not in page
