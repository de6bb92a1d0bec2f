"""Publishing a spec: what is checked first, who signs, what changes, and what organizers answer."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aggregation.spec import document_digest, to_bytes
from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation
from civic.errors import Conflict, Invalid
from civic.reactions.models import Reaction
from civic.specs import verifying
from civic.specs.models import SpecVersion
from civic.specs.privacy import report_on
from civic.specs.services import (
    draft_spec,
    publish_spec,
    reply_to_result,
    require_private,
    withdraw_spec,
)
from civic.statements.models import Claim, Statement
from tests.civic.pages.conftest import analysed

SignIn = Callable[[User | None], Client]
SIGNED = {"signed_as": "Alice Adler, Mayor", "announcement": "We start in May.", "word": "publish"}


@pytest.fixture
def alices(sign_in: SignIn, alice: User, consultation: Consultation) -> Client:
    """Alice's browser; she organizes."""
    return sign_in(alice)


def forged(spec: SpecVersion, change: Callable[[dict[str, Any]], None]) -> SpecVersion:
    """The draft with its document changed and sealed anew, as somebody with the database could."""
    document = copy.deepcopy(spec.load())
    change(document)
    document["provenance"]["document_digest"] = document_digest(document)
    spec.document = to_bytes(document)
    spec.sha256 = hashlib.sha256(spec.document).hexdigest()
    spec.verification = {}
    spec.save()
    return spec


def few_people(document: dict[str, Any]) -> None:
    cell = document["clauses"][0]["support"]["overall"]
    cell |= {"n": 9, "agree": 9, "disagree": 0, "unsure": 0}


def one_hidden_group(document: dict[str, Any]) -> None:
    clause = document["clauses"][0]
    clause["support"]["by_group"] = [
        {"group": "A", "n": None, "suppressed": True},
        {**clause["support"]["overall"], "group": "B"},
    ]


def a_hidden_count_with_its_share(document: dict[str, Any]) -> None:
    clause = document["clauses"][0]
    clause["support"]["overall"] = {"n": None, "suppressed": True}


def few_left_over(document: dict[str, Any]) -> None:
    """Everybody's count less that of the group leaves nine people."""
    support = document["clauses"][0]["support"]
    support["by_group"] = [{**support["overall"], "group": "A", "n": support["overall"]["n"] - 9}]


def a_margin_beside_a_hidden_group(document: dict[str, Any]) -> None:
    """It was worked out from the group, too."""
    clause = next(one for one in document["clauses"] if one["margin"])
    clause["support"]["by_group"] = [
        {"group": name, "n": None, "suppressed": True} for name in "AB"
    ]


def what_is_typical_of_a_hidden_group(document: dict[str, Any]) -> None:
    """It says how that group answered."""
    clause, group = document["clauses"][0], document["groups"][0]
    clause |= {"margin": None}
    clause["support"]["by_group"] = [
        {"group": name, "n": None, "suppressed": True} for name in (group["id"], "Z")
    ]
    told = {"clause": clause["id"], "text": clause["text"], "response": "agree"}
    group["representative"] = [told]


def less_hidden_than_promised(document: dict[str, Any]) -> None:
    """The consultation promised ten."""
    document["method"]["least_cell"] = 9


def a_small_group(document: dict[str, Any]) -> None:
    document["groups"][0]["size"] = 9


def an_author(document: dict[str, Any]) -> None:
    document["clauses"][0]["evidence"][0]["author"] = "p7"


def strata(document: dict[str, Any]) -> None:
    document["population"]["strata"] = {"age": {"18-29": 12}}


@pytest.mark.parametrize(
    "change",
    [
        few_people,
        one_hidden_group,
        a_hidden_count_with_its_share,
        few_left_over,
        a_margin_beside_a_hidden_group,
        what_is_typical_of_a_hidden_group,
        less_hidden_than_promised,
        a_small_group,
        an_author,
        strata,
    ],
)
def test_a_draft_that_tells_on_few_people_is_not_published(
    draft: SpecVersion, change: Callable[[dict[str, Any]], None]
) -> None:
    """Each promise is checked over the document itself, whoever composed it."""
    require_private(draft)
    forged(draft, change)
    with pytest.raises(Conflict, match="Not published"):
        require_private(draft)


def test_a_changed_byte_is_noticed(draft: SpecVersion) -> None:
    """The stored fingerprint is computed again."""
    draft.sha256 = "0" * 64
    failed = report_on(draft, draft.load()).failed
    assert [check.title for check in failed] == [
        "The draft is what the analysis wrote, to the byte"
    ]


def test_the_report_counts_cells_and_quotes(draft: SpecVersion) -> None:
    """Shown and hidden cells are all cells; quoted statements and their authors are counted."""
    document = draft.load()
    report = report_on(draft, document)
    cells = [
        cell
        for clause in document["clauses"]
        for cell in (clause["support"]["overall"], *clause["support"]["by_group"])
    ]
    assert report.failed == []
    assert report.shown + report.suppressed == len(cells)
    assert (report.quoted, report.quoted_people, report.quoted_once) == (3, 2, 1)
    assert report.smallest_group == min(group["size"] for group in document["groups"])


def test_what_a_moderator_must_look_at_does_not_stop_publishing(draft: SpecVersion) -> None:
    """A quote that looks like an e-mail address is a note."""

    def change(document: dict[str, Any]) -> None:
        document["clauses"][0]["evidence"][0]["quote"] = "Write to me@example.org"

    report = report_on(draft, forged(draft, change).load())
    assert [check.title for check in report.checks if not check.ok] == [
        "No quote and no example seems to hold personal data"
    ]
    assert report.failed == []


def test_few_answers_between_two_versions_are_told_to_whoever_publishes(
    published: SpecVersion, alice: User, asked: list[Claim]
) -> None:
    """Who knows that one person came between two versions reads her answer from them: a note."""
    promise = "Few new answers do not follow from two versions"

    def said(spec: SpecVersion) -> bool:
        return next(one.ok for one in report_on(spec, spec.load()).checks if one.title == promise)

    same = draft_spec(analysed(published.consultation, by=alice), by=alice)
    assert said(same)
    reaction = Reaction.objects.filter(claim=asked[0], value="agree").first()
    assert reaction is not None
    Reaction.objects.filter(pk=reaction.pk).update(value="disagree")
    newer = draft_spec(analysed(published.consultation, by=alice), by=alice)
    assert not said(newer)
    assert promise not in [one.title for one in report_on(newer, newer.load()).failed]


def test_a_number_that_does_not_follow_from_the_votes_stops_publishing(
    draft: SpecVersion, alice: User
) -> None:
    """The verification runs before anything is public, names the number, and is kept."""

    def change(document: dict[str, Any]) -> None:
        document["population"]["reactions"] += 1

    forged(draft, change)
    with pytest.raises(Conflict, match="do not follow from the votes"):
        publish_spec(draft, by=alice)
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert draft.verification["failures"] >= 1


def test_a_draft_without_its_votes_is_not_published(draft: SpecVersion, alice: User) -> None:
    """What nobody can check does not become public."""
    draft.run.snapshot_file = "runs/gone.npz"
    draft.verification = {}
    with pytest.raises(Conflict, match="votes behind this draft are gone"):
        publish_spec(draft, by=alice)


def test_the_worker_verifies_a_draft_once(draft: SpecVersion) -> None:
    """Its result stands on the page; a second message computes nothing."""
    verifying.check_draft(draft.pk)
    draft.refresh_from_db()
    assert verifying.holds(draft.verification)
    assert draft.verification["checks"] > 20
    before = draft.verification["at"]
    verifying.check_draft(draft.pk)
    draft.refresh_from_db()
    assert draft.verification["at"] == before


def test_publishing_wants_a_name_and_the_typed_word(
    alices: Client, draft: SpecVersion, client: Client
) -> None:
    """Without either the page comes back with what was written; with both it is public."""
    path = f"/o/ai/specs/{draft.number}/publish/"
    for wrong in ({"word": "yes"}, {"word": ""}, {"signed_as": " "}):
        answer = alices.post(path, SIGNED | wrong)
        assert answer.status_code == 400
        assert "We start in May." in answer.content.decode()
        assert 'role="alert"' in answer.content.decode()
    alices.post(path, SIGNED | {"word": " Publish "})
    draft.refresh_from_db()
    assert (draft.status, draft.signed_as) == ("published", "Alice Adler, Mayor")
    assert draft.announcement == "We start in May."
    assert Entry.objects.filter(action="spec.published", subject_id=str(draft.uuid)).count() == 1
    assert client.get(f"/c/ai/spec/{draft.number}/").status_code == 200


def test_a_refusal_at_the_last_moment_is_told_on_the_page(
    alices: Client, draft: SpecVersion
) -> None:
    """Somebody took her words back meanwhile: the page says so, and what was written is kept."""
    Statement.objects.filter(evidence__clause__spec=draft).update(withdrawn_at="2026-01-01T00:00Z")
    answer = alices.post(f"/o/ai/specs/{draft.number}/publish/", SIGNED)
    assert answer.status_code == 400
    assert "withdrawn or hidden" in answer.content.decode()
    assert "We start in May." in answer.content.decode()
    assert "cannot be published" in answer.content.decode()


def test_the_page_tells_what_changes_since_the_last_version(
    alices: Client, published: SpecVersion, alice: User, asked: list[Claim]
) -> None:
    """Sentence by sentence, with both supports and the cause."""
    Reaction.objects.filter(claim=asked[0]).update(value="disagree")
    newer = draft_spec(analysed(published.consultation, by=alice), by=alice)
    page = alices.get(f"/o/ai/specs/{newer.number}/publish/").content.decode()
    assert "What changes since version 1" in page
    assert "Other answers to it were counted." in page
    assert "AI should be kind to everybody." in page
    assert "of 40 people" in page


def test_the_first_version_has_nothing_to_be_compared_with(alices: Client, run: Any) -> None:
    """No empty table stands where no version was before."""
    draft_spec(run)
    page = alices.get("/o/ai/specs/1/publish/").content.decode()
    assert "What changes since" not in page
    assert "No count is about fewer than 10 people" in page


def test_who_may_publish_withdraw_and_reply(
    people: dict[str, User | None], sign_in: SignIn, draft: SpecVersion
) -> None:
    """Organizers only; the auditor reads the versions and their fingerprints."""
    paths = (
        f"/o/ai/specs/{draft.number}/publish/",
        "/o/ai/specs/1/withdraw/",
        "/o/ai/specs/reply/",
    )
    for role in ("nobody", "stranger", "participant", "moderator", "auditor"):
        browser = sign_in(people[role])
        for path in paths:
            assert browser.get(path).status_code in (401, 403, 404)
            assert browser.post(path, SIGNED | {"reason": "x", "text": "x"}).status_code in (
                401,
                403,
                404,
            )
    draft.refresh_from_db()
    assert draft.status == "draft"
    listed = sign_in(people["auditor"]).get("/o/ai/specs/").content.decode()
    assert draft.sha256 in listed
    assert "Check and publish" not in listed


def test_a_closed_phase_says_so_instead_of_offering_the_form(
    alices: Client, draft: SpecVersion
) -> None:
    """In a draft consultation nothing is published, and the page leads to the phases."""
    Consultation.objects.update(phase="closed")
    path = f"/o/ai/specs/{draft.number}/publish/"
    assert "nothing can be published" in alices.get(path).content.decode()
    assert alices.post(path, SIGNED).status_code == 400


def test_texts_longer_than_allowed_are_refused(
    draft: SpecVersion, published: SpecVersion, alice: User
) -> None:
    """The service names the limit, whatever door the text came through."""
    with pytest.raises(Invalid, match="limit is 200"):
        publish_spec(draft, by=alice, signed_as="x" * 201)
    with pytest.raises(Invalid, match="limit is 2000"):
        withdraw_spec(published, by=alice, reason="x" * 2001)
    with pytest.raises(Invalid, match="limit is 20000"):
        reply_to_result(published.consultation, by=alice, text="x" * 20_001)


def test_taking_back_tells_what_stays(
    alices: Client, published: SpecVersion, client: Client
) -> None:
    """Before: which version is next. After: the reason stands in its place."""
    page = alices.get("/o/ai/specs/1/withdraw/").content.decode()
    assert "No other version" in page
    alices.post("/o/ai/specs/1/withdraw/", {"reason": "A count was <b>wrong</b>."})
    tombstone = client.get("/c/ai/spec/1/").content.decode()
    assert "A count was &lt;b&gt;wrong&lt;/b&gt;." in tombstone
    assert "A count was" in alices.get("/o/ai/specs/").content.decode()


def test_organizers_answer_in_public_and_each_change_is_on_record(
    alices: Client, published: SpecVersion
) -> None:
    """A preview changes nothing, sending does, the same again is refused, none takes it away."""
    text = "## What we do\n\nWe take up **both**. <script>x</script>"
    preview = alices.post("/o/ai/specs/reply/", {"text": text, "preview": "1"}).content.decode()
    assert "<strong>both</strong>" in preview
    assert "<script>x" not in preview
    consultation = Consultation.objects.get()
    assert consultation.reply == ""
    alices.post("/o/ai/specs/reply/", {"text": text})
    consultation.refresh_from_db()
    assert consultation.reply == text
    assert consultation.replied_at is not None
    assert alices.post("/o/ai/specs/reply/", {"text": text}).status_code == 409
    alices.post("/o/ai/specs/reply/", {"text": ""})
    consultation.refresh_from_db()
    assert (consultation.reply, consultation.replied_at) == ("", None)
    assert Entry.objects.filter(action="consultation.replied").count() == 2
    assert "Changes on record" in alices.get("/o/ai/specs/reply/").content.decode()


def test_there_is_no_reply_before_a_result(consultation: Consultation, alice: User) -> None:
    """What is not public cannot be answered to in public."""
    with pytest.raises(Conflict, match="no published result"):
        reply_to_result(consultation, by=alice, text="We agree.")


def test_versions_cost_the_same_however_many(
    alices: Client, draft: SpecVersion, django_assert_max_num_queries: Any
) -> None:
    """One query for the versions, one for their clauses."""
    SpecVersion.objects.bulk_create(
        SpecVersion(
            consultation=draft.consultation,
            run=draft.run,
            number=number,
            document=b"{}",
            sha256="0" * 64,
            status="withdrawn",
        )
        for number in range(10, 60)
    )
    with django_assert_max_num_queries(12):
        assert alices.get("/o/ai/specs/").status_code == 200
