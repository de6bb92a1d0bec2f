"""The organizer's way: create, invite, import, moderate, analyse, draft, publish, take back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import create_consultation, grant_role, invite
from civic.intake.models import ImportJob
from civic.specs.models import SpecVersion
from civic.statements.models import Claim, Statement

SignIn = Callable[[User | None], Client]
GOOD = b"author,text\n1,AI should be kind.\n2,AI must never lie.\n"
COMMENTS = (
    b"timestamp,comment-id,author-id,agrees,disagrees,moderated,comment-body\n1,1,2,0,0,1,Hello\n"
)


@pytest.fixture
def alices(sign_in: SignIn, alice: User, consultation: Consultation) -> Client:
    """Alice's browser; she organizes."""
    return sign_in(alice)


def test_an_empty_desk_says_what_to_do(sign_in: SignIn, alice: User) -> None:
    """A host without consultations is offered to make one."""
    assert "You have no consultation yet" in sign_in(alice).get("/o/").content.decode()


def test_a_consultation_is_made_as_a_draft(sign_in: SignIn, alice: User, client: Client) -> None:
    """The address comes from the title; nobody else sees the draft."""
    answer = sign_in(alice).post("/o/new/", {"title": "Robots at school?"})
    assert answer["Location"] == "/o/robots-at-school/setup/question/"
    made = Consultation.objects.get()
    assert (made.phase, made.blueprint, made.asked_by) == ("draft", "behaviour", "Alice")
    assert client.get("/c/robots-at-school/").status_code == 404


def test_a_taken_address_is_explained(alices: Client) -> None:
    """The error stands on top and leads to the field."""
    answer = alices.post("/o/new/", {"title": "AI", "slug": "ai"})
    assert answer.status_code == 400
    assert 'href="#id_slug"' in answer.content.decode()


def test_the_phase_is_moved_by_hand(alices: Client, consultation: Consultation) -> None:
    """The cockpit leads to all phases with what they mean; moving redirects and is said."""
    assert "/o/ai/phase/" in alices.get("/o/ai/").content.decode()
    assert "Reacting to statements" in alices.get("/o/ai/phase/").content.decode()
    page = alices.post("/o/ai/phase/", {"phase": "react"}, follow=True).content.decode()
    assert "Reacting to statements" in page
    assert alices.post("/o/ai/phase/", {"phase": "party"}).status_code == 400


def test_an_invitation_goes_by_mail_and_works_once(
    alices: Client, sign_in: SignIn, charlie: User, bob: User
) -> None:
    """The link leads to a page without the secret in its address; the second person is refused."""
    Consultation.objects.update(access="invite")
    alices.post("/o/ai/team/invite/", {"email": "charlie@example.org", "role": "moderator"})
    path = re.search(r"http://\S+(/invitations/\S+/)", mail.outbox[0].body).group(1)
    browser = sign_in(charlie)
    landing = browser.get(path)
    assert landing["Location"] == "/invitations/"
    page = browser.get("/invitations/").content.decode()
    assert "How should AI behave?" in page
    assert "moderator" in page.lower()
    assert browser.post("/invitations/")["Location"] == "/o/ai/"
    assert Membership.objects.get(user=charlie).is_moderator
    other = sign_in(bob)
    other.get(path)
    assert other.get("/invitations/").status_code == 409


def test_an_invited_stranger_signs_in_first(
    consultation: Consultation, alice: User, client: Client
) -> None:
    """Without a session the page offers to start or sign in, and comes back."""
    _, token = invite(consultation, by=alice, role="participant")
    page = client.get(f"/invitations/{token}/", follow=True).content.decode()
    assert "?next=/invitations/" in page
    assert token not in page


def test_an_invitation_without_address_gives_a_link_to_pass_on(alices: Client) -> None:
    """The link is shown once, to the organizer."""
    page = alices.post("/o/ai/team/invite/", {"email": "", "role": "analyst"}, follow=True)
    assert "/invitations/" in page.content.decode()
    assert "Pass this link on" not in alices.get("/o/ai/team/").content.decode()
    assert mail.outbox == []


def test_bad_files_are_told_row_by_row_and_write_nothing(alices: Client) -> None:
    """File, row, field, rule and remedy in a table; no statement exists afterwards."""
    files = {
        "comments": SimpleUploadedFile("c.csv", COMMENTS),
        "votes": SimpleUploadedFile("v.csv", b"timestamp,comment-id,voter-id,vote\n1,1,2,7\n"),
    }
    answer = alices.post("/o/ai/import/", {"kind": "polis", **files})
    page = alices.get(answer["Location"]).content.decode()
    assert "nothing was written" in page
    for cell in ("<td>votes.csv</td>", "</span> 2</td>", "<td>vote</td>"):
        assert cell in page
    assert not Statement.objects.exists()
    confirmed = alices.post(answer["Location"] + "confirm/")
    assert confirmed.status_code == 409


def test_good_files_are_shown_then_written_when_confirmed(
    alices: Client, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dry run counts; confirming writes, and confirming again writes nothing more."""
    files = {"statements": SimpleUploadedFile("s.csv", GOOD)}
    answer = alices.post("/o/ai/import/", {"kind": "statements", **files})
    checked = alices.get(answer["Location"]).content.decode()
    assert "Nothing is written yet" in checked
    assert "AI should be kind." in checked
    assert not Statement.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        alices.post(answer["Location"] + "confirm/")
    assert Statement.objects.count() == 2
    assert "Everything was written" in alices.get(answer["Location"]).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        alices.post(answer["Location"] + "confirm/")
    assert Statement.objects.count() == 2


@pytest.mark.parametrize("data", [{"kind": "polis"}, {"kind": "statements"}])
def test_missing_files_are_named(alices: Client, data: dict[str, str]) -> None:
    """The form comes back with an error on top."""
    answer = alices.post("/o/ai/import/", data)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_an_unknown_kind_of_import_is_refused(alices: Client) -> None:
    """A made-up form is answered with a sentence, not an error."""
    assert alices.post("/o/ai/import/", {"kind": "xls"}).status_code == 400


def test_a_running_import_polls_a_part_and_reloads_when_over(
    alices: Client, consultation: Consultation
) -> None:
    """While the worker writes, a fragment is enough; afterwards the whole page is asked for."""
    job = ImportJob.objects.create(consultation=consultation, kind="polis", status="running")
    path = reverse("intake:job", args=["ai", job.uuid])
    part = alices.get(path, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Refresh" not in part.headers
    ImportJob.objects.update(status="done")
    assert alices.get(path, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_oldest_statement_is_read_first(alices: Client, consultation: Consultation) -> None:
    """The queue is in order of arrival, by state, in pages."""
    for number in range(25):
        Statement.objects.create(consultation=consultation, text=f"Number {number:02d}.")
    page = alices.get("/o/ai/moderation/")
    texts = [row.statement.text for row in page.context["rows"]]
    assert texts == [f"Number {number:02d}." for number in range(20)]
    assert len(alices.get("/o/ai/moderation/?page=2").context["rows"]) == 5
    assert alices.get("/o/ai/moderation/?state=odd").status_code == 400


def test_moderators_see_hints_of_personal_data(alices: Client, consultation: Consultation) -> None:
    """A text with an e-mail address carries a flag in the queue."""
    Statement.objects.create(consultation=consultation, text="Write to me@example.org please.")
    assert "Looks like an e-mail address" in alices.get("/o/ai/moderation/").content.decode()


def test_the_queue_asks_few_questions_of_the_database(
    alices: Client, consultation: Consultation, django_assert_max_num_queries: Any
) -> None:
    """The number of queries does not grow with the queue."""
    for number in range(60):
        Statement.objects.create(consultation=consultation, text=f"Number {number}.")
    with django_assert_max_num_queries(15):
        assert alices.get("/o/ai/moderation/").status_code == 200


def test_the_desk_asks_few_questions_of_the_database(
    alices: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    """Ten consultations cost as many queries as one."""
    for number in range(10):
        create_consultation(title=f"Number {number}", slug=f"n{number}", by=alice)
    with django_assert_max_num_queries(5):
        assert alices.get("/o/").status_code == 200


def test_an_analysis_is_started_watched_and_cancelled(
    alices: Client, asked: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starting leads to its page with the named steps; cancelling says that nothing changed."""
    monkeypatch.setattr("civic.analysis.pipeline.execute", lambda run_id: None)
    answer = alices.post("/o/ai/runs/start/", {"seed": "7"})
    run = Run.objects.get()
    assert run.seed == 7
    assert answer["Location"] == reverse("analysis:run", args=["ai", run.uuid])
    page = alices.get(answer["Location"]).content.decode()
    assert "Finding people who react alike" in page
    assert "htmx-2.min.js" in page
    assert ">Refresh</a>" in page
    assert alices.post("/o/ai/runs/start/", {"seed": "7"}).status_code == 409
    alices.post(reverse("analysis:cancel", args=["ai", run.uuid]))
    assert "was cancelled" in alices.get(answer["Location"]).content.decode()
    assert alices.post("/o/ai/runs/start/", {"seed": "-1"}).status_code == 400


def test_progress_speaks_only_when_something_changed(
    alices: Client, asked: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The polled part is read out only at a new step, and ends by a reload."""
    monkeypatch.setattr("civic.analysis.pipeline.execute", lambda run_id: None)
    alices.post("/o/ai/runs/start/", {"seed": "0"})
    run = Run.objects.get()
    Run.objects.update(status="running", started_at=timezone.now(), heartbeat_at=timezone.now())
    run.steps.filter(position=1).update(status="running")
    path = reverse("analysis:progress", args=["ai", run.uuid])
    first = alices.get(path).content.decode()
    assert "hx-swap-oob" in first
    again = re.search(r'hx-get="([^"]+)"', first).group(1).replace("&amp;", "&")
    assert "hx-swap-oob" not in alices.get(again).content.decode()
    Run.objects.update(status="done", finished_at=timezone.now())
    assert alices.get(path)["HX-Refresh"] == "true"


def test_a_silent_worker_is_called_stalled(
    alices: Client, asked: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a minute without a heartbeat the page says so, and that nothing is lost."""
    monkeypatch.setattr("civic.analysis.pipeline.execute", lambda run_id: None)
    alices.post("/o/ai/runs/start/", {"seed": "0"})
    now = timezone.now()
    Run.objects.update(status="running", started_at=now, heartbeat_at=now - timedelta(seconds=61))
    page = alices.get(reverse("analysis:run", args=["ai", Run.objects.get().uuid])).content.decode()
    assert "Stalled" in page
    assert "nothing is lost" in page


def test_a_failed_analysis_says_why(alices: Client, consultation: Consultation) -> None:
    """Its reason stands on the page; no draft is offered."""
    run = Run.objects.create(consultation=consultation, status="failed", error="Nobody reacted.")
    page = alices.get(reverse("analysis:run", args=["ai", run.uuid])).content.decode()
    assert "Nobody reacted." in page
    assert "Make a draft" not in page


def test_draft_publish_and_take_back(alices: Client, run: Run, client: Client) -> None:
    """The page before publishing lists what becomes public and wants a word; then it is public."""
    page = alices.get(reverse("analysis:run", args=["ai", run.uuid])).content.decode()
    assert "Make a draft of the spec" in page
    answer = alices.post(reverse("specs:draft", args=["ai", run.uuid]))
    assert answer["Location"] == "/c/ai/spec/1/"
    assert "Draft: not public" in alices.get("/c/ai/spec/1/").content.decode()
    ask = alices.get("/o/ai/specs/1/publish/").content.decode()
    assert "Quotes from 3 statements by 2 people" in ask
    assert "spec.json" in ask
    assert alices.post("/o/ai/specs/1/publish/", {}).status_code == 400
    assert client.get("/c/ai/spec/1/").status_code == 401
    alices.post("/o/ai/specs/1/publish/", {"signed_as": "Alice", "word": "publish"})
    assert client.get("/c/ai/spec/1/").status_code == 200
    assert "Version 1" in alices.get("/o/ai/specs/").content.decode()
    assert alices.post("/o/ai/specs/1/withdraw/", {"reason": " "}).status_code == 400
    alices.post("/o/ai/specs/1/withdraw/", {"reason": "A count was wrong."})
    assert SpecVersion.objects.get().status == "withdrawn"


def test_the_auditor_reads_and_is_offered_no_acts(
    draft: SpecVersion, people: dict[str, User | None], sign_in: SignIn
) -> None:
    """Runs, drafts and the record are open to her; no button starts, publishes or decides."""
    browser = sign_in(people["auditor"])
    run_page = browser.get(reverse("analysis:run", args=["ai", draft.run.uuid])).content.decode()
    draft_page = browser.get(f"/c/ai/spec/{draft.number}/").content.decode()
    assert "Make a draft" not in run_page
    assert "Publish this version" not in draft_page
    assert "Start the analysis" not in browser.get("/o/ai/runs/").content.decode()
    record = browser.get("/o/ai/log/").content.decode()
    assert "spec.published" in record
    assert "alice@example.org" not in record


def test_a_moderator_of_one_consultation_is_nobody_in_another(
    consultation: Consultation, alice: User, bob: User, sign_in: SignIn
) -> None:
    """Roles do not carry over, and neither do the ids of foreign rows."""
    other = create_consultation(title="Other", slug="other", by=alice)
    foreign = Statement.objects.create(consultation=other, text="Foreign.")
    grant_role(consultation, user=bob, role="moderator")
    browser = sign_in(bob)
    data = {"decision": "rejected", "rule": "Spam."}
    assert browser.post(f"/o/ai/moderation/{foreign.uuid}/", data).status_code == 404
    assert browser.post(f"/o/other/moderation/{foreign.uuid}/", data).status_code == 404


def test_the_record_does_not_tell_who_reacted_to_what(
    consultation: Consultation, asked: list[Claim], bob: User, alice: User, sign_in: SignIn
) -> None:
    """A reaction is on record as a participant's, without the code of the person."""
    path = reverse("reactions:answer", args=["ai", asked[1].uuid])
    sign_in(bob).post(path, {"value": "agree"})
    record = sign_in(alice).get("/o/ai/log/").content.decode()
    start = record.index('<th scope="row">Answer given')
    row = record[start : record.index("</tr>", start)]
    assert "a participant" in row
    assert bob.audit_key[:8] not in row
