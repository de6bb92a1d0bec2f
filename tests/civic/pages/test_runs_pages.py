"""Analyses as organizers see them: what one will cost, how far it is, what two have apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aggregation.errors import EmbedderUnavailable
from aggregation.tiers import Policy
from civic.accounts.models import User
from civic.analysis import estimate, journal, lease, pipeline
from civic.analysis.forms import RunForm
from civic.analysis.models import Run
from civic.analysis.rules import PARTS, RULES
from civic.analysis.services import cancel_run
from civic.consultations.models import Consultation
from civic.specs.models import SpecVersion
from civic.specs.services import start_run
from civic.statements.models import Claim, Segment

SignIn = Callable[[User | None], Client]


@pytest.fixture
def alices(sign_in: SignIn, alice: User, consultation: Consultation) -> Client:
    """Alice's browser; she organizes."""
    return sign_in(alice)


@pytest.fixture
def waiting(asked: list[Claim], consultation: Consultation, alice: User) -> Run:
    """A run that no worker has taken."""
    run = start_run(consultation, by=alice, seed=3)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    return run


def page_of(browser: Client, run: Run) -> str:
    return browser.get(reverse("analysis:run", args=["ai", run.uuid])).content.decode()


# --- Starting


def test_every_rule_but_the_width_of_intervals_is_offered_in_plain_words() -> None:
    """Whoever starts an analysis can set all that the policy knows; every text says 95 %."""
    assert set(RULES) == set(Policy().to_dict()) - {"version", "z"}
    assert all(rule.label and rule.meaning for part in PARTS for rule in part.rules)


def test_the_start_page_tells_cost_and_usual_values(alices: Client, asked: list[Claim]) -> None:
    """Size, time, memory and that no money is spent; each rule with its range and usual value."""
    page = alices.get("/o/ai/runs/start/").content.decode()
    for words in (
        "40 people who answered",
        "120 answers",
        "nothing leaves this machine",
        "From measurements on another machine",
        "For a MUST, among everybody (%)",
        "From 1 to 100; usually 75 %.",
    ):
        assert words in page, words


def test_what_goes_to_a_service_is_told(
    asked: list[Claim], consultation: Consultation, alices: Client, settings: Any, tmp_path: Any
) -> None:
    """Where a model is asked over the network, the number of sentences it will be sent is told."""
    embed_options = {
        "far": {
            "kind": "http",
            "url": "http://127.0.0.1:9/v1",
            "revision": "1",
            "dim": 8,
            "model": "m",
        }
    }
    from aggregation import embed

    embed.configure(embed_options)
    try:
        settings.EMBEDDER = "far"
        (told,) = estimate.outgoing(consultation)
        assert (told.model, told.sentences) == ("far", 3)
        assert "3 sentences go to the service" in alices.get("/o/ai/runs/start/").content.decode()
        Segment.objects.update(vector_spec=embed.load("far").spec().space)
        assert estimate.outgoing(consultation)[0].sentences == 0
    finally:
        embed.configure({})


def test_the_estimate_follows_what_this_machine_needed(
    consultation: Consultation,
) -> None:
    """Finished runs of similar size set the range; runs of another size say nothing."""
    size = estimate.Size(people=1000, statements=500, claims=1000, reactions=40_000)
    assert estimate.estimate(size).basis == "measured"
    begun = timezone.now()
    for seconds, claims in ((20, 1000), (30, 900), (5000, 400_000)):
        Run.objects.create(
            consultation=consultation,
            status="done",
            attempts=1,
            started_at=begun,
            finished_at=begun + timedelta(seconds=seconds),
            figures={"people": 1000, "statements": 500, "claims": claims, "reactions": 40_000},
        )
    found = estimate.estimate(size)
    assert (found.basis, found.runs) == ("past", 2)
    assert found.low < 20 < 30 < found.high < 90


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"must_pooled": "101"}, "must be a number from 1 to 100"),
        ({"must_pooled": "nan"}, "must be a number from 1 to 100"),
        ({"common_budget": "2.5"}, "must be a number from 0 to 200"),
        ({"must_pooled": "55"}, "must be at least"),
        ({"should_group": "61"}, "must be at least"),
        ({"seed": "-1"}, "seed"),
    ],
)
def test_a_setting_outside_its_rule_is_told_at_its_field(
    alices: Client, asked: list[Claim], sent: dict[str, str], told: str
) -> None:
    """The message names the field and the rule; what was entered is kept; nothing starts."""
    answer = alices.post("/o/ai/runs/start/", {"seed": "1", "voice_share": "45"} | sent)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert 'value="45"' in page
    assert not Run.objects.exists()


def test_only_settings_that_differ_are_stored_and_listed(
    alices: Client, asked: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list tells what is not as usual, and the start page can begin from it."""
    monkeypatch.setattr("civic.analysis.pipeline.execute", lambda run_id: None)
    form = {rule.name: str(rule.entered(rule.usual)) for rule in RULES.values()}
    alices.post("/o/ai/runs/start/", form | {"seed": "7", "must_pooled": "80"})
    run = Run.objects.get()
    assert (run.seed, run.aggregation_settings["policy"]) == (7, {"must_pooled": 0.8})
    listed = alices.get("/o/ai/runs/").content.decode()
    assert "For a MUST, among everybody: 80 %" in listed
    assert "usually 75 %" in listed
    assert 'value="80"' in alices.get(f"/o/ai/runs/start/?like={run.uuid}").content.decode()


def test_settings_that_were_tried_elsewhere_are_taken_over(alices: Client) -> None:
    """Addresses with rules lead to the form with these values; nonsense in them is left out."""
    answer = alices.get("/o/ai/runs/?policy.must_pooled=0.7&policy.common_budget=20&policy.x=1")
    page = alices.get(answer["Location"]).content.decode()
    assert 'value="70"' in page
    assert 'value="20"' in page
    assert alices.get("/o/ai/runs/start/?policy.veto=nan&like=no").status_code == 200


def test_a_form_without_rules_means_the_usual_ones() -> None:
    """An empty field holds the usual value, also where two rules are held together."""
    form = RunForm({"seed": "0", "should_pooled": "70"})
    assert form.is_valid()
    assert form.policy() == {"should_pooled": 0.7}
    assert not RunForm({"seed": "0", "should_pooled": "76"}).is_valid()


def test_who_may_start(people: dict[str, User | None], sign_in: SignIn, asked: list[Claim]) -> None:
    """Only who runs analyses reaches the form; auditors read the list and are offered nothing."""
    for role in ("nobody", "stranger", "participant", "auditor"):
        assert sign_in(people[role]).get("/o/ai/runs/start/").status_code in (401, 403, 404)
    assert "Start an analysis" not in sign_in(people["auditor"]).get("/o/ai/runs/").content.decode()
    assert sign_in(people["organizer"]).get("/o/ai/runs/start/").status_code == 200


# --- The log


def test_the_log_tells_every_step_with_its_time(waiting: Run, alices: Client) -> None:
    """Asked for, taken, the size of the input, each step twice, and the end; the page shows it."""
    pipeline.execute(waiting.pk)
    waiting.refresh_from_db()
    texts = [line.text for line in journal.lines_of(waiting)]
    assert texts[0].startswith("Asked for")
    assert "A worker took it up." in texts
    assert any("40 people, 3 statements, 3 sentences, 120 answers" in text for text in texts)
    assert (
        sum("began" in text for text in texts) == sum(" is done, after" in t for t in texts) >= 10
    )
    assert texts[-1].startswith("Done.")
    assert waiting.figures["people"] == 40
    assert waiting.figures["memory"] > 0
    page = page_of(alices, waiting)
    assert "Step “Comparing what sentences mean” began." in page


def test_a_worker_that_falls_silent_is_on_record(waiting: Run) -> None:
    """Putting back, taking up again and giving up each leave one line; steps begin anew."""
    lease.take(waiting.pk)
    waiting.steps.update(status="done")
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    lease.put_back()
    lease.put_back()
    assert waiting.events.filter(text=journal.SILENT).count() == 1
    pipeline.execute(waiting.pk)
    assert waiting.events.filter(text=journal.TAKEN_AGAIN).get().facts["attempt"] == 2
    assert not waiting.steps.exclude(status="done").exists()


def test_an_unforeseen_error_is_on_record_and_tried_again(
    waiting: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log names it, the run is not failed: its lease ends, so that the next worker takes it."""

    def fall(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("civic.analysis.pipeline.aggregate", fall)
    with pytest.raises(MemoryError):
        pipeline.execute(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == Run.Status.RUNNING
    assert waiting.events.filter(text=journal.STUMBLED).get().facts == {"error": "MemoryError"}
    lease.put_back()
    waiting.refresh_from_db()
    assert waiting.status == Run.Status.QUEUED


def test_a_line_of_another_version_still_reads(waiting: Run) -> None:
    """A sentence that no longer fits its figures is shown bare rather than breaking the page."""
    journal.note(waiting, "Odd %(missing)s and 5 %", other=1)
    assert journal.lines_of(waiting)[-1].text == "Odd %(missing)s and 5 %"


# --- While it works


def test_waiting_long_for_a_worker_is_told(waiting: Run, alices: Client) -> None:
    """After a minute without any worker the page says so, and what will happen."""
    assert "No worker has come" not in page_of(alices, waiting)
    waiting.events.update(at=timezone.now() - timedelta(seconds=90))
    page = page_of(alices, waiting)
    assert "No worker has come" in page
    assert "1 min 30 s" in page


def test_a_silent_worker_is_called_stalled_and_the_run_goes_on_by_itself(
    waiting: Run, alices: Client
) -> None:
    """The page says that nothing is lost; once the run is taken up again it says so no more."""
    lease.take(waiting.pk)
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    page = page_of(alices, waiting)
    assert "Stalled" in page
    assert "goes on by itself" in page
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    lease.put_back()
    pipeline.execute(waiting.pk)
    assert "The analysis is done" in page_of(alices, waiting)


def test_polling_costs_nothing_while_nothing_changed_and_stops_at_the_end(
    waiting: Run, alices: Client
) -> None:
    """The same state is answered with 304, a finished one with 286 and a reload."""
    path = reverse("analysis:progress", args=["ai", waiting.uuid])
    first = alices.get(path)
    assert alices.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    waiting.steps.filter(position=0).update(status="done")
    assert alices.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
    Run.objects.update(status="done", finished_at=timezone.now())
    last = alices.get(path)
    assert (last.status_code, last["HX-Refresh"]) == (286, "true")


def test_a_screen_reader_is_told_at_most_every_ten_seconds(waiting: Run, alices: Client) -> None:
    """A new step is read out if the last one was ten seconds ago, and otherwise waits its turn."""
    lease.take(waiting.pk)
    waiting.steps.filter(position=1).update(status="running")
    path = reverse("analysis:progress", args=["ai", waiting.uuid])
    soon = alices.get(f"{path}?announced=before&at={int(timezone.now().timestamp())}")
    assert "hx-swap-oob" not in soon.content.decode()
    assert "announced=before" in soon.content.decode()
    later = alices.get(f"{path}?announced=before&at=1").content.decode()
    assert "hx-swap-oob" in later
    again = re.search(r'hx-get="([^"]+)"', later).group(1).replace("&amp;", "&")
    assert "hx-swap-oob" not in alices.get(again).content.decode()
    assert alices.get(f"{path}?announced=&at=²").status_code == 200


# --- When it is over


def test_a_failed_run_names_its_step_and_can_be_tried_again(
    waiting: Run, alices: Client, sign_in: SignIn, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step, what usually helps and the error; the new run has the same seed and rules."""

    def fall(*_: object, **__: object) -> None:
        waiting.steps.filter(name="embed").update(status="running")
        raise EmbedderUnavailable("model far: no answer")

    monkeypatch.setattr("civic.analysis.pipeline.aggregate", fall)
    waiting.aggregation_settings["policy"] = {"must_pooled": 0.8}
    waiting.save()
    with pytest.raises(EmbedderUnavailable):
        pipeline.execute(waiting.pk)
    page = page_of(alices, waiting)
    assert "It stopped in the step “Comparing what sentences mean”." in page
    assert "The language model could not compare" in page
    assert "model far: no answer" in page
    assert "Make a draft" not in page
    path = reverse("specs:again", args=["ai", waiting.uuid])
    assert sign_in(bob).post(path).status_code in (403, 404)
    alices.post(path)
    newer = Run.objects.first()
    assert newer.pk != waiting.pk
    assert (newer.seed, newer.aggregation_settings["policy"]) == (3, {"must_pooled": 0.8})
    assert alices.post(path).status_code == 409


def test_a_run_given_up_says_that_the_worker_was_stopped(waiting: Run, alices: Client) -> None:
    """Five deaths of the worker are no fault of what people wrote."""
    Run.objects.update(
        status="running", attempts=5, lease_until=timezone.now() - timedelta(seconds=1)
    )
    waiting.steps.filter(position=2).update(status="running")
    lease.put_back()
    page = page_of(alices, waiting)
    assert "too little memory is the usual cause" in page
    assert "Grouping sentences by theme" in page
    assert "Try again with the same settings" in page


def test_a_cancelled_run_is_offered_again(waiting: Run, alice: User, alices: Client) -> None:
    """It says that nothing was changed; the log ends with who stopped it."""
    cancel_run(waiting, by=alice)
    page = page_of(alices, waiting)
    assert "Nothing was published or changed" in page
    assert "Start again with the same settings" in page
    assert "Cancelled." in page


def test_the_list_costs_the_same_with_many_runs(
    alices: Client, run: Run, draft: SpecVersion, django_assert_max_num_queries: Any
) -> None:
    """Twenty to a page, and no query per row."""
    Run.objects.bulk_create(
        Run(
            consultation=run.consultation,
            status="done",
            aggregation_settings={"policy": {"veto": 0.6}},
        )
        for _ in range(300)
    )
    with django_assert_max_num_queries(14):
        page = alices.get("/o/ai/runs/")
    assert len(page.context["rows"]) == 20
    assert "Page 1 of 16" in page.content.decode()
