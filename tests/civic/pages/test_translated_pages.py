"""Where pages show a machine's translation: under the words, named as such, and in no file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from aggregation import embed
from aggregation.exports import NAMES
from civic.consultations.models import Consultation
from civic.specs.exports import export
from civic.specs.models import SpecVersion
from civic.statements.models import Claim, Statement, Translation
from civic.statements.translated import with_translation
from tests.aggregation.embed import endpoint
from tests.civic.translator import HOSTILE, answering, configured, translated, work

LABEL = "Maschinelle Übersetzung, kann falsch sein"


@pytest.fixture
def server(settings: Any) -> Iterator[endpoint.Server]:
    with configured(settings) as running:
        yield running


def read(client: Client, path: str, language: str) -> str:
    return client.get(path, headers={"accept-language": language}).content.decode()


def test_the_card_shows_the_original_first_and_its_translation_under_it(
    server: endpoint.Server, bobs: Client, consultation: Consultation, new_claim: Any
) -> None:
    """Marked with language and direction, labelled, and only for readers of another language."""
    claim = new_claim("AI should be kind.")
    work(consultation)
    page = read(bobs, "/c/ai/react/", "de")
    shown = translated(claim.text, "de")
    assert page.index(claim.text) < page.index(LABEL) < page.index(shown)
    assert f'<span class="words" lang="de" dir="ltr">{shown}</span>' in page
    other = read(bobs, f"/c/ai/react/{claim.uuid}/", "de")
    assert shown in other
    for language in ("en", "fr"):  # her own, and one without a translation
        assert shown not in read(bobs, "/c/ai/react/", language)


def test_a_hostile_translation_is_text(
    server: endpoint.Server, bobs: Client, consultation: Consultation, new_claim: Any
) -> None:
    """No markup and no template of a translator's does anything."""
    server.faults.append(answering(HOSTILE))
    claim = new_claim("AI should be kind.")
    work(consultation)
    assert Translation.objects.filter(text=HOSTILE).exists()
    for path in ("/c/ai/react/", f"/c/ai/statements/{claim.statement.uuid}/"):
        page = read(bobs, path, "de")
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ x }} &amp;" in page
        assert "<script>alert(1)" not in page


def test_an_echo_is_not_shown(
    server: endpoint.Server, bobs: Client, consultation: Consultation, new_claim: Any
) -> None:
    """Where the translator gives the words back there is nothing to show."""
    claim = new_claim("AI should be kind.")
    server.faults.append(answering(claim.text))
    assert {one.status for one in work(consultation)} == {"done"}
    assert LABEL not in read(bobs, "/c/ai/react/", "de")


def test_the_card_asks_no_more_queries_with_translations(
    server: endpoint.Server,
    bobs: Client,
    consultation: Consultation,
    new_claim: Any,
    settings: Any,
) -> None:
    """They come with the sentence: as many queries as without a translator."""
    for number in range(3):
        new_claim(f"AI should be kind {number} times.")
    work(consultation)
    read(bobs, "/c/ai/react/", "de")  # the sentence is drawn

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            page = read(bobs, "/c/ai/react/", "de")
        assert (LABEL in page) == bool(settings.TRANSLATE_URL)
        return len(asked_for)

    with_it = queries()
    settings.TRANSLATE_URL = ""
    assert queries() == with_it


def test_lists_of_claims_bring_their_translations(
    server: endpoint.Server, consultation: Consultation, new_claim: Any
) -> None:
    """Also of words that lean on their neighbours: the passage that is shown is translated."""
    claims = [new_claim("AI should be kind."), new_claim("AI should rest.")]
    Claim.objects.filter(pk=claims[1].pk).update(start=3, context_start=0, context_end=15)
    work(consultation)
    with override("de"):
        found = {one.pk: one.translation for one in with_translation(Claim.objects.all())}
    assert found[claims[1].pk] == translated("AI should rest.", "de")
    with override("en"):
        found = {one.pk: one.translation for one in with_translation(Claim.objects.all())}
    assert set(found.values()) == {None}


def test_spec_clause_and_statement_pages_show_it_and_no_file_does(
    server: endpoint.Server, published: SpecVersion, client: Client
) -> None:
    """Under the quoted words; never in the document, an export, or what an analysis reads."""
    consultation = published.consultation
    before = {name: export(published, name=name)[0] for name in NAMES}
    work(consultation)
    texts = set(Translation.objects.values_list("text", flat=True))
    assert len(texts) == 3
    clause = published.load()["clauses"][0]
    shown = translated(clause["text"], "de")
    statement = Statement.objects.get(key=clause["evidence"][0]["statement"])
    number = published.number
    for path in (
        f"/c/ai/spec/{number}/",
        f"/c/ai/spec/{number}/clauses/{clause['id']}/",
        f"/c/ai/statements/{statement.uuid}/",
    ):
        assert shown in read(client, path, "de"), path
        assert shown not in read(client, path, "en"), path
    assert shown not in read(client, f"/c/ai/spec/{number}/report.html", "de")
    published.refresh_from_db()
    assert {name: export(published, name=name)[0] for name in NAMES} == before
    assert not any(text.encode() in content for content in before.values() for text in texts)


def test_the_page_about_data_says_where_words_are_sent(client: Client, settings: Any) -> None:
    """With its host, and only where a translator is configured."""
    here = "nothing is sent to others"
    page = read(client, "/privacy/", "en")
    assert here in page
    settings.TRANSLATE_URL = "https://translate.example.org/translate"
    page = read(client, "/privacy/", "en")
    assert here not in page
    assert "a translation service (translate.example.org)" in page
    assert "turns them into numbers" not in page


def test_the_page_about_data_says_where_sentences_are_compared(
    client: Client, settings: Any
) -> None:
    """With the host of every endpoint that is in use, and of no other."""
    far = {"kind": "http", "revision": "1", "dim": 8}
    embed.configure(
        {
            "one": far | {"url": "https://one.example.org:8443/embed"},
            "two": far | {"url": "http://two.example.org/embed"},
            "spare": far | {"url": "http://spare.example.org/embed"},
        }
    )
    here = "nothing is sent to others"
    try:
        assert here in read(client, "/privacy/", "en")
        settings.EMBEDDER, settings.EMBED_ROUTES = "two", {"hi": "one", "sw": "two"}
        page = read(client, "/privacy/", "en")
    finally:
        embed.configure({})
    assert here not in page
    assert "turns them into numbers (one.example.org, two.example.org)" in page
    assert "spare.example.org" not in page
    assert "a translation service" not in page
