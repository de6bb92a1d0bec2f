"""Trying other rules on a finished analysis: what follows, and that nothing is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from aggregation import whatif
from aggregation.errors import NotCertified
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis import exploring, pipeline, trying
from civic.analysis.models import Run
from civic.analysis.rules import RULES
from civic.analysis.services import request_run
from civic.audit.models import Entry
from civic.consultations.services import grant_role
from civic.pages.templatetags.exploring import why
from civic.statements.models import Claim

SignIn = Callable[[User | None], Client]


def address(of: Run, **query: object) -> str:
    return reverse("pages:what_if", args=[of.consultation.slug], query=query or None)


def texts(client: Client, path: str) -> str:
    """The page without line breaks and runs of space."""
    return " ".join(client.get(path).content.decode().split())


def tried(run: Run, **changes: Any) -> trying.Tried:
    """What the library says of these changes, as the page tells it."""
    found, basis = exploring.found_in(run), exploring.basis_in(run.basis_file)
    assert found is not None
    return trying.tried(run, found, whatif.changed(basis.policy, **changes))


def test_without_a_change_nothing_moves(run: Run, desk: Client) -> None:
    """The rules of the run give the run: as many of each standing as the analysis counted."""
    found = tried(run)
    assert found.is_same
    assert found.changed == []
    document = exploring.found_in(run).document  # type: ignore[union-attr]
    for status, before, after in found.counts:
        wanted = sum(clause["status"] == status for clause in document["clauses"])
        assert before == after == wanted
    page = texts(desk, address(run))
    assert "These are the rules of this analysis." in page
    assert "Start an analysis with these settings" not in page


def test_programs_try_other_rules_too(run: Run, desk: Client) -> None:
    """The same answer as the page's, by keys of claims; nothing is stored, a bad rule is named."""
    before, acts = Run.objects.count(), Entry.objects.count()
    where = f"/api/v1/runs/{run.uuid}/what-if/"

    def ask(**policy: object) -> Any:
        return desk.post(where, {"policy": policy}, content_type="application/json")

    assert ask().json()["is_same"] is True
    told = ask(should_pooled=0.99, must_pooled=0.99).json()
    wanted = tried(run, should_pooled=0.99, must_pooled=0.99)
    assert [tuple(one.values()) for one in told["counts"]] == wanted.counts
    out = [one["claim"] for one in told["moves"]["out_of_common_ground"]]
    assert out == [move.sentence.key for move in wanted.lists["out"]] != []
    refused = ask(should_pooled=7)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "policy")
    assert (Run.objects.count(), Entry.objects.count()) == (before, acts)


def test_no_room_sends_everything_out(run: Run, asked: list[Claim], desk: Client) -> None:
    """With room for nothing the adopted sentences go out, each with its reason."""
    before = {status: n for status, n, _after in tried(run).counts}
    assert before["adopted"] > 0
    page = texts(desk, address(run, common_budget=0))
    assert "What follows" in page
    assert f"{before['adopted']} sentences go out of it." in page
    assert "AI should be kind to everybody." in page
    codes = {move.code for move in tried(run, common_budget=0).lists["out"]}
    assert codes
    assert all(escape(why(code)) in page for code in codes)
    assert "<b>0</b>" in page


def test_what_follows_alone_is_for_the_island(run: Run, desk: Client) -> None:
    """`part=1` gives the same words without the page around them, mistakes included."""
    part = texts(desk, address(run, common_budget=0, part=1))
    assert "<h1" not in part
    assert "What follows" in part
    wrong = desk.get(address(run, must_pooled=10, part=1))
    assert wrong.status_code == 200
    assert "must be at least" in wrong.content.decode()


def test_mistakes_name_the_rule_and_lead_to_it(run: Run, desk: Client) -> None:
    """A MUST that asks for less than a SHOULD, letters, and numbers out of range are told."""
    for query in ({"must_pooled": 10}, {"veto": "much"}, {"common_budget": -1}, {"veto": 101}):
        response = desk.get(address(run, **query))
        page = response.content.decode()
        assert response.status_code == 400, query
        assert f"#id_{next(iter(query))}" in page
        assert str(next(iter(query.values()))) in page
    assert desk.get(address(run, nonsense=1, min_group_mass=40)).status_code == 200


def test_the_settings_can_be_taken_to_an_analysis(run: Run, desk: Client, sign_in: SignIn) -> None:
    """The button leads to the start page with the changed rules; auditors have no button."""
    page = desk.get(address(run, should_pooled=55, common_budget=12)).content.decode()
    link = next(part for part in page.split('"') if "policy." in part).replace("&amp;", "&")
    assert urlsplit(link).path == reverse("specs:start_run", args=[run.consultation.slug])
    given = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert given == {"policy.should_pooled": "0.55", "policy.common_budget": "12"}
    start = desk.get(link, follow=True)
    assert start.status_code == 200
    assert start.context["form"]["common_budget"].value() in (12, "12")
    auditor = ensure_user("auditor@example.org", display_name="auditor")
    grant_role(run.consultation, user=auditor, role="auditor")
    assert "policy." not in sign_in(auditor).get(address(run, veto=40)).content.decode()


def test_nothing_is_stored(run: Run, desk: Client) -> None:
    """Trying leaves no run, no entry in the record and no change of the run."""
    before = Run.objects.values().get(pk=run.pk), Run.objects.count(), Entry.objects.count()
    desk.get(address(run, should_pooled=30, should_group=20, common_budget=60))
    after = Run.objects.values().get(pk=run.pk), Run.objects.count(), Entry.objects.count()
    assert before == after
    assert desk.post(address(run), {"veto": "40"}).status_code == 405


def test_a_rule_left_alone_stays_to_the_last_digit(run: Run) -> None:
    """A threshold with more digits than the field shows is not rounded by leaving it alone."""
    basis = exploring.basis_in(run.basis_file)
    own = whatif.changed(basis.policy, must_pooled=0.7512345678)
    entered = {n: str(RULES[n].entered(v)) for n, v in own.to_dict().items() if n in RULES}
    form = trying.WhatIfForm(entered, own=own)
    assert form.is_valid(), form.errors
    assert form.policy()["must_pooled"] == 0.7512345678
    assert whatif.changed(own, **form.policy()) == own


def test_older_and_larger_runs_say_why_not(
    run: Run, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that kept no basis, or one too large to settle while somebody waits, is told apart."""
    monkeypatch.setattr(trying, "MOST", 10)
    assert "too large to try rules while you wait" in texts(desk, address(run))
    Run.objects.filter(pk=run.pk).update(basis_file="")
    assert "did not keep what trying other rules needs" in texts(desk, address(run))


def test_a_choice_without_proof_is_no_error(
    run: Run, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no choice can be proved to be best, the page says so and goes on."""

    def unproved(*_: object) -> None:
        raise NotCertified("The gap stayed.", gap=1.0)

    tried(run)
    monkeypatch.setattr(whatif, "settle", unproved)
    page = texts(desk, address(run, veto=40))
    assert "no choice could be proved to be the best" in page


def test_what_a_run_under_these_rules_finds_was_told_before(run: Run, alice: User) -> None:
    """Tried first and computed afterwards: the same number of sentences of each standing."""
    changes = {"common_budget": 1, "voice_budget": 0, "should_pooled": 0.5}
    told = tried(run, **changes)
    again = request_run(run.consultation, by=alice, policy=changes)
    again.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    again.save(update_fields=["aggregation_settings"])
    pipeline.execute(again.pk)
    again.refresh_from_db()
    found = exploring.found_in(again)
    assert found is not None
    for status, _before, after in told.counts:
        assert sum(one.status == status for one in found.sentences) == after


def test_worst_served_is_the_group_with_the_least(run: Run) -> None:
    """Of the groups that are served at all, the one whose people side with least."""
    found = tried(run)
    served = [share.after for share in found.shares if share.after is not None]
    if found.worst is not None:
        assert found.worst.after == min(served)
    nothing = tried(run, common_budget=0)
    assert nothing.worst is None
    assert nothing.unheard[1] == 1.0


def test_what_is_asked_most_often_is_one_click_away(run: Run, desk: Client) -> None:
    """Every preset is an address that the page answers; some rule of it differs."""
    page = desk.get(address(run)).content.decode()
    part = page.split('aria-label="Try at once"')[1].split("</nav>")[0]
    links = [link.split('"')[0] for link in part.split('href="')[1:]]
    assert len(links) == 6
    for link in links:
        response = desk.get(address(run) + link.replace("&amp;", "&"))
        assert response.status_code == 200
        assert "Changed rules" in response.content.decode(), link
