"""Looking around in what an analysis found: who may, themes, sentences, the words behind them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from explored import HOSTILE, PAGES, SignIn, address, crowd

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis import exploring
from civic.analysis.models import Run
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.consultations.services import grant_role
from civic.reactions.models import Reaction
from civic.statements.heirs import settle_claims
from civic.statements.models import Claim, Segment, Statement
from tests.civic.pages.conftest import analysed

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
    people = crowd(consultation, 12)
    for person in people:
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
    for number, person in enumerate(crowd(run.consultation, 3)):
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
