"""Machine translation: a real server that answers well, badly or late, and the worker's turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from civic.analysis.tasks import reconcile
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.specs.erasing import erase_part
from civic.statements import translating
from civic.statements.models import Claim, Statement, Translation
from civic.statements.translators import LibreTranslate, TranslationFailed, usable
from tests.aggregation.embed import endpoint
from tests.civic.translator import HOSTILE, KEY, answering, configured, good, translated, work

Fault = Callable[[endpoint.Handler, Any], None]


@pytest.fixture
def server(settings: Any) -> Iterator[endpoint.Server]:
    with configured(settings) as running:
        yield running


@pytest.fixture
def claims(
    consultation: Consultation, new_member: Callable[[str], Membership], new_claim: Any
) -> list[Claim]:
    """Two sentences of Ada's and one of Dora's that says the same as the first."""
    ada, dora = new_member("ada"), new_member("dora")
    texts = (("AI should be kind.", ada), ("AI should rest.", ada), ("AI should be kind.", dora))
    return [new_claim(text, author=author) for text, author in texts]


# --- asking


def ask(server: endpoint.Server, *texts: str, **options: Any) -> list[str | None]:
    client = LibreTranslate(server.url(""), engine="test", key=KEY, **({"seconds": 0.5} | options))
    return client.translate(texts, source="pt-BR", target="de")


def test_what_is_sent_is_what_libretranslate_reads(server: endpoint.Server) -> None:
    """One text as a text, several as a list; the key in the body, plain text asked for."""
    assert ask(server, "Olá") == ["[de] álO"]
    assert ask(server, "a b", "c d") == ["[de] b a", "[de] d c"]
    first, second = (one["question"] for one in server.seen)
    shared = {"source": "pt", "target": "de", "format": "text", "api_key": KEY}
    assert first == {"q": "Olá"} | shared
    assert second == {"q": ["a b", "c d"]} | shared


@pytest.mark.parametrize("address", ["", "/", "/translate"])
def test_the_address_may_name_the_path(server: endpoint.Server, address: str) -> None:
    """With and without it, the same is asked."""
    client = LibreTranslate(server.url(address), engine="test")
    assert client.translate(["ab"], source="en", target="de") == ["[de] ba"]


@pytest.mark.parametrize(
    ("fault", "may_pass", "told"),
    [
        (endpoint.status(500), True, "status 500"),
        (endpoint.status(429, Retry_After="0"), True, "status 429"),
        (endpoint.status(400, b'{"error": "es is not supported"}'), False, "es is not supported"),
        (endpoint.status(403, f'{{"error": "bad {KEY}"}}'.encode()), False, "bad [key]"),
        (endpoint.status(301, Location="http://elsewhere.example/"), False, "redirects"),
        (endpoint.closed, True, "no answer"),
        (endpoint.cut, True, "no answer"),
        (endpoint.silent, True, "no answer"),
        (endpoint.dripping, True, "longer than"),
        (endpoint.status(200, b"<html>it works</html>"), False, "not what LibreTranslate says"),
        (endpoint.status(200, b"[]"), False, "not what LibreTranslate says"),
        (endpoint.status(200, b"[" * 100_000), False, "not what LibreTranslate says"),
        (endpoint.status(200, b'{"translatedText": null}'), False, "one translation for each"),
        (endpoint.status(200, b'{"translatedText": ["a"]}'), False, "one translation for each"),
        (endpoint.status(200, b'{"translatedText": ["a", 2]}'), False, "is no text"),
        (endpoint.status(200, b'{"x": "' + b"y" * 2_000_000 + b'"}'), False, "longer than"),
    ],
)
def test_every_fault_has_a_sentence_and_never_the_key(
    server: endpoint.Server, fault: Fault, may_pass: bool, told: str
) -> None:
    """What may pass is tried twice at once; what may not is not asked again."""
    server.faults += [fault, fault]
    with pytest.raises(TranslationFailed, match=r"translator 'test' at 127\.0\.0\.1") as failure:
        ask(server, "a", "b")
    assert told in str(failure.value)
    assert KEY not in str(failure.value)
    assert failure.value.may_pass is may_pass
    assert len(server.seen) == (2 if may_pass else 1)


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ("KI soll gütig sein.", "KI soll gütig sein."),
        ("  KI\r\nsoll \u202eruhen ", "KI\nsoll ruhen"),
        (HOSTILE, HOSTILE),  # a text like any other; pages escape it
        ("ai should BE kind.", ""),  # an echo says nothing new
        ("", None),
        ("\u200b", None),
        ("a\x00b", None),
        ("x" * 1000, None),
        ("x" + "\u0301" * 50, None),
    ],
)
def test_what_comes_back_is_cleaned_or_refused(came: str, shown: str | None) -> None:
    """Like words that people write; never longer than a translation can be."""
    assert usable(came, "AI should be kind.") == shown


# --- the worker


def test_nothing_is_translated_where_no_translator_is_set(
    consultation: Consultation, claims: list[Claim], django_assert_num_queries: Any
) -> None:
    """No row, no query, no message."""
    with django_assert_num_queries(0):
        assert translating.consultations_to_translate() == []
    assert work(consultation) == []


def test_shown_words_get_a_translation_in_each_other_language(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """The reconciler rings; English words go into German alone, equal ones are asked for once."""
    reconcile()
    rows = list(Translation.objects.order_by("pk"))
    assert {(one.language, one.target, one.status) for one in rows} == {("en", "de", "done")}
    assert {one.text for one in rows} == {translated(claim.text, "de") for claim in claims}
    assert len(rows) == 3
    (question,) = (one["question"] for one in server.seen)
    assert sorted(question["q"]) == ["AI should be kind.", "AI should rest."]
    reconcile()
    assert len(server.seen) == 1


def test_equal_words_of_somebody_else_are_copied(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim], new_claim: Any
) -> None:
    """What was translated once is not asked for again, by digest of words and language."""
    work(consultation)
    new_claim("AI should rest.")
    rows = work(consultation)
    assert len(rows) == 4
    assert rows[3].text == translated("AI should rest.", "de")
    assert len(server.seen) == 1


def test_another_engine_translates_anew(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim], settings: Any
) -> None:
    """What the earlier one made goes."""
    work(consultation)
    settings.TRANSLATE_ENGINE = "test 2"
    rows = work(consultation)
    assert {one.engine for one in rows} == {"test 2"}
    assert len(server.seen) == 2


def test_hidden_waiting_and_unnamed_words_stay_here(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """What nobody may read yet, what is in no known language, and drafts are not sent anywhere."""
    Statement.objects.filter(pk=claims[0].statement_id).update(moderation="waiting")
    Claim.objects.filter(pk=claims[1].pk).update(language="und")
    Statement.objects.filter(pk=claims[1].statement_id).update(language="")
    rows = work(consultation)
    assert {one.statement_id for one in rows} == {claims[2].statement_id}
    Translation.objects.all().delete()
    Consultation.objects.update(phase=Phase.DRAFT)
    assert work(consultation) == []


@pytest.mark.parametrize("fault", [endpoint.status(503), endpoint.closed])
def test_a_failure_that_may_pass_is_tried_again_later(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim], fault: Fault
) -> None:
    """Not before its time; then as if nothing had happened."""
    server.faults += [fault, fault]
    rows = work(consultation)
    assert {one.status for one in rows} == {"queued"}
    assert all(one.due_at > timezone.now() + timedelta(seconds=20) for one in rows)
    assert {one.status for one in work(consultation)} == {"queued"}
    assert len(server.seen) == 2
    Translation.objects.update(due_at=timezone.now())
    assert {one.status for one in work(consultation)} == {"done"}


def test_a_refused_batch_is_asked_for_one_by_one(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """One text that the server does not take costs the others nothing."""

    def picky(handler: endpoint.Handler, question: Any) -> None:
        if "AI should rest." in question["q"]:
            handler.answer({"error": "no"}, 400)
        else:
            handler.answer(good(handler.path, question))

    server.faults += [picky] * 10
    found = {one.words: one.status for one in work(consultation)}
    assert found == {"AI should be kind.": "done", "AI should rest.": "failed"}
    asked_for = len(server.seen)
    work(consultation)
    assert len(server.seen) == asked_for  # failed for good: until the engine is another


def test_an_unusable_translation_fails_alone(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """Huge, or nothing a reader could see: that one is not shown, the other is."""
    server.faults.append(answering(["y" * 5000, "KI soll ruhen."]))
    rows = work(consultation)
    assert sorted({(one.words, one.status, one.text) for one in rows}) == [
        ("AI should be kind.", "failed", ""),
        ("AI should rest.", "done", "KI soll ruhen."),
    ]


def test_a_silent_worker_is_replaced(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """While its lease lasts nobody else works; after it, everything is taken up again."""
    translating.queue_missing(consultation, engine="test 1")
    batch = translating.take(Translation.objects.all())
    assert len(batch) == 3
    assert {one.status for one in work(consultation)} == {"running"}
    Translation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert {one.status for one in work(consultation)} == {"done"}
    translating.store(batch, {one.digest: "too late" for one in batch}, batch[0].lease_holder)
    assert not Translation.objects.filter(text="too late").exists()


# --- erasing


def test_translations_are_erased_with_the_words(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """Hers go, at once; the same words of somebody else keep theirs."""
    work(consultation)
    ada = claims[0].statement.author
    erase_part(ada, by=ada.user)
    rows = list(Translation.objects.select_related("statement__author"))
    assert {one.statement_id for one in rows} == {claims[2].statement_id}
    assert translated("AI should rest.", "de") not in str(list(Translation.objects.values()))


def test_what_is_erased_while_it_is_translated_is_not_kept(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """The answer comes for words that are no more."""
    ada = claims[0].statement.author
    translating.queue_missing(consultation, engine="test 1")
    batch = translating.take(Translation.objects.all())
    erase_part(ada, by=ada.user)
    made = {one.digest: "KI soll …" for one in batch}
    translating.store(batch, made, batch[0].lease_holder)
    assert {one.statement_id for one in Translation.objects.all()} == {claims[2].statement_id}


def test_rows_without_words_go_unasked(
    server: endpoint.Server, consultation: Consultation, claims: list[Claim]
) -> None:
    """A row that was written while its words were erased is dropped before anything is sent."""
    translating.queue_missing(consultation, engine="test 1")
    Statement.objects.update(text="")
    assert work(consultation) == []
    assert server.seen == []
