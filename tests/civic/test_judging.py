"""Answers of machines: brought in by an organizer, judged by people, shown under a clause."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import judged
import pytest
from django.test import Client
from django.urls import reverse

from aggregation.audit import verify_bundle
from aggregation.exports.archive import to_zip
from civic.accounts.models import User
from civic.analysis import pipeline, snapshot
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.curation.services import merge_claims
from civic.errors import Conflict, ConsultationClosed, Invalid, ReasonRequired
from civic.intake import pipeline as intake_pipeline
from civic.intake.models import ImportJob
from civic.intake.services import check_import, confirm_import
from civic.judging.models import Judgement, MachineAnswer
from civic.judging.services import withdraw_answer
from civic.pages import sample
from civic.pages.demo import load_sample
from civic.reactions.models import Reaction
from civic.specs.bundles import bundle_of
from civic.specs.exports import export
from civic.specs.models import SpecVersion
from civic.specs.privacy import report_on
from civic.specs.services import draft_spec, publish_spec, start_run
from civic.statements.models import Claim


@pytest.fixture
def claim(consultation: Consultation, new_claim: Callable[..., Claim]) -> Claim:
    """A sentence that thirty people agree to, beside another."""
    claims = [new_claim("AI should never guess about poison."), new_claim("AI should be brief.")]
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"person-{number}", is_participant=True)
        for number in range(30)
    )
    Reaction.objects.bulk_create(
        Reaction(
            claim=one,
            participant=person,
            value="agree" if place == 0 or row % 5 == 0 else "unsure",
            served=True,
        )
        for row, person in enumerate(people)
        for place, one in enumerate(claims)
    )
    return claims[0]


def taken_in(claim: Claim, *, by: User, judged_before: bool = True) -> ImportJob:
    files = judged.files_of(claim.key, judged=judged_before)
    job = check_import(claim.consultation, by=by, kind="answers", uploads=files)
    assert job.problems == []
    ImportJob.objects.filter(pk=job.pk).update(status=ImportJob.Status.QUEUED)
    intake_pipeline.write(job.pk)
    job.refresh_from_db()
    return job


def drafted(consultation: Consultation, *, by: User) -> SpecVersion:
    run = start_run(consultation, by=by)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    pipeline.execute(run.pk)
    run.refresh_from_db()
    return draft_spec(run, by=by)


def lines(spec: SpecVersion, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in export(spec, name=name)[0].decode().splitlines()]


def test_a_dry_run_tells_what_the_files_hold_and_writes_nothing(claim: Claim, alice: User) -> None:
    """Answers, prompts, judges are counted; no answer is there before somebody confirms."""
    job = check_import(
        claim.consultation, by=alice, kind="answers", uploads=judged.files_of(claim.key)
    )
    assert job.status == ImportJob.Status.CHECKED
    assert job.report["counts"] == {
        "answers": 4,
        "prompts": 1,
        "claims tried": 1,
        "judges": 40,
        "judgements": len(judged.judgement_rows()),
    }
    assert job.report["answers"][0]["text"] == judged.CAREFUL
    assert not MachineAnswer.objects.exists()


def test_defects_are_named_by_row_field_rule_and_remedy(
    claim: Claim, member: Membership, alice: User
) -> None:
    """A sentence that is not there, an answer that nobody signed, a vote in somebody's name."""
    rows = judged.answer_rows(claim.key)
    rows[1] = (rows[1][0], "nowhere", *rows[1][2:])
    rows[2] = (*rows[2][:4], " ", *rows[2][5:])
    told = [("judge", "1", 1), (member.key, "1", 1), ("judge", "4", 7)]
    files = {
        "answers": judged.upload(judged.ANSWER_HEAD, *rows),
    }
    job = check_import(claim.consultation, by=alice, kind="answers", uploads=files)
    assert job.status == ImportJob.Status.REJECTED
    assert [(one["file"], one["row"], one["field"]) for one in job.problems] == [
        ("answers.csv", 3, "claim"),
        ("answers.csv", 4, "by"),
    ]
    assert "Explore" in job.problems[0]["remedy"]
    files = judged.files_of(claim.key) | {"judgements": judged.upload(judged.JUDGEMENT_HEAD, *told)}
    job = check_import(claim.consultation, by=alice, kind="answers", uploads=files)
    assert [(one["file"], one["row"], one["field"]) for one in job.problems] == [
        ("judgements.csv", 3, "participant"),
        ("judgements.csv", 4, "judgement"),
    ]
    assert all(one["rule"] and one["remedy"] for one in job.problems)


def test_a_hidden_sentence_is_not_tried(claim: Claim, alice: User) -> None:
    """What nobody is shown gets no answers either."""
    Claim.objects.filter(pk=claim.pk).update(is_hidden=True)
    job = check_import(
        claim.consultation, by=alice, kind="answers", uploads=judged.files_of(claim.key)
    )
    assert {one["field"] for one in job.problems} == {"claim"}


def test_answers_and_judgements_come_in_whole(
    claim: Claim, alice: User, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    """Each with who wrote it; whoever judged is somebody without an account."""
    job = check_import(
        claim.consultation, by=alice, kind="answers", uploads=judged.files_of(claim.key)
    )
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            confirm_import(job, by=alice)
    job.refresh_from_db()
    assert job.status == ImportJob.Status.DONE
    one = MachineAnswer.objects.get(key="2")
    assert (one.claim, one.prompt, one.text) == (claim, judged.PROMPT, judged.CARELESS)
    assert (one.by, one.prompt_by, one.source) == ("model-2", "the organizers", "a study")
    assert Judgement.objects.filter(is_latest=True, served=True).count() == len(
        judged.judgement_rows()
    )
    assert Judgement.objects.filter(answer=one, value="bad").count() == judged.BAD["2"]
    judge = Membership.objects.get(key="judge-0")
    assert (judge.user, judge.is_participant) == (None, True)
    entry = Entry.objects.get(action="answers.added")
    assert (entry.actor, entry.consultation) == (alice.audit_key, claim.consultation.uuid)


def test_the_same_ids_come_in_once(claim: Claim, alice: User) -> None:
    """The second file is refused in its dry run; one that was checked before fails whole."""
    files = judged.files_of(claim.key, judged=False)
    checked = check_import(claim.consultation, by=alice, kind="answers", uploads=files)
    taken_in(claim, by=alice)
    again = check_import(
        claim.consultation, by=alice, kind="answers", uploads=judged.files_of(claim.key)
    )
    assert [one["row"] for one in again.problems if one["field"] == "answer"][:4] == [2, 3, 4, 5]
    ImportJob.objects.filter(pk=checked.pk).update(status=ImportJob.Status.QUEUED)
    intake_pipeline.write(checked.pk)
    checked.refresh_from_db()
    assert checked.status == ImportJob.Status.FAILED
    assert MachineAnswer.objects.count() == 4


def test_files_of_another_import_are_refused(claim: Claim, alice: User) -> None:
    """A table of answers is no part of a Polis export, and is needed for answers."""
    files = judged.files_of(claim.key)
    with pytest.raises(Invalid, match="answers"):
        check_import(claim.consultation, by=alice, kind="polis", uploads=files)
    only = {"judgements": files["judgements"]}
    with pytest.raises(Invalid, match="table of answers"):
        check_import(claim.consultation, by=alice, kind="answers", uploads=only)


def test_nothing_comes_in_once_all_is_closed(claim: Claim, alice: User) -> None:
    """A consultation that is over stays as it is."""
    open_phase(claim.consultation, phase=Phase.CLOSED, by=alice)
    with pytest.raises(ConsultationClosed):
        check_import(
            claim.consultation, by=alice, kind="answers", uploads=judged.files_of(claim.key)
        )


def test_judged_answers_become_examples_and_preferences(claim: Claim, alice: User) -> None:
    """Under the clause that they try, with counts; pairs from good and bad; three are too few."""
    taken_in(claim, by=alice)
    spec = drafted(claim.consultation, by=alice)
    clause = next(one for one in spec.load()["clauses"] if one["claim"] == claim.key)
    (example,) = clause["examples"]
    assert (example["prompt"], example["prompt_by"]) == (judged.PROMPT, "the organizers")
    found = {
        one["id"]: (part, one["by"], one["judged"]["n"])
        for part in ("good", "bad", "undecided")
        for one in example[part]
    }
    assert found == {
        "1": ("good", "model-1", 38),
        "2": ("bad", "model-2", 38),
        "3": ("undecided", "model-3", 40),
        "4": ("undecided", "model-4", None),
    }
    (pair,) = lines(spec, "pairs.jsonl")
    assert (pair["chosen_by"], pair["rejected_by"]) == ("model-1", "model-2")
    assert [one["label"] for one in lines(spec, "unpaired.jsonl")] == [True, False]
    assert len(lines(spec, "contested.jsonl")) == 2
    others = [one for one in spec.load()["clauses"] if one["claim"] != claim.key]
    assert all(one["examples"] == [] for one in others)


def test_the_bundle_carries_judgements_and_repeats_the_run(claim: Claim, alice: User) -> None:
    """To the byte, with judges under numbers; a judgement turned round is found out."""
    taken_in(claim, by=alice)
    spec = drafted(claim.consultation, by=alice)
    content = bundle_of(spec)
    assert [check.name for check in verify_bundle(content) if not check.ok] == []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, file in held.items() if b"judge-0" in file]
    told = held["inputs/judgements.csv"]
    assert told.count(b"\n") == len(judged.judgement_rows()) + 1
    turned = held | {"inputs/judgements.csv": told.replace(b",-1,1,,\n", b",1,1,,\n", 1)}
    assert turned != held
    rows = json.loads(held["MANIFEST.json"])
    for row in rows["files"]:
        content = turned[row["path"]]
        row |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    listed = (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode()
    failed = verify_bundle(to_zip(turned | {"MANIFEST.json": listed}))
    assert [check.name for check in failed if not check.ok]


def test_judgements_decide_nothing(claim: Claim, alice: User) -> None:
    """The same clauses with the same numbers, with answers and without."""
    before = drafted(claim.consultation, by=alice).load()["clauses"]
    taken_in(claim, by=alice)
    after = drafted(claim.consultation, by=alice).load()["clauses"]
    for one in (*before, *after):
        del one["examples"]
    assert [(c["text"], c["support"], c["status"]) for c in before] == [
        (c["text"], c["support"], c["status"]) for c in after
    ]


def test_a_snapshot_tells_answers_and_judgements_again(claim: Claim, alice: User) -> None:
    """Written and read back, they are the same, and an earlier file without them is still read."""
    taken_in(claim, by=alice)
    head, columns = snapshot.gather(claim.consultation)
    given = snapshot.unpack(snapshot.pack(head, columns))
    assert [one.text for one in given.corpus.answers] == list(judged.TEXTS.values())
    assert given.judgements is not None
    assert given.judgements.count == len(judged.judgement_rows())
    for name in ("answers", "judges"):
        del head[name]
    votes = {name: columns[name] for name in snapshot.COLUMNS}
    given = snapshot.unpack(snapshot.pack(head, votes))
    assert (given.corpus.answers, given.judgements) == ((), None)


def test_answers_without_judgements_are_undecided(claim: Claim, alice: User) -> None:
    """They stand in the spec, and train nothing."""
    taken_in(claim, by=alice, judged_before=False)
    spec = drafted(claim.consultation, by=alice)
    assert lines(spec, "pairs.jsonl") == []
    assert len(lines(spec, "contested.jsonl")) == 4
    assert [check.name for check in verify_bundle(bundle_of(spec)) if not check.ok] == []


def test_a_withdrawn_answer_is_in_no_later_analysis(claim: Claim, alice: User) -> None:
    """Once, with a reason, on record; what was made of it stays."""
    taken_in(claim, by=alice)
    one = MachineAnswer.objects.get(key="2")
    with pytest.raises(ReasonRequired):
        withdraw_answer(one, by=alice, reason=" ")
    withdraw_answer(one, by=alice, reason="It names a person.")
    with pytest.raises(Conflict):
        withdraw_answer(one, by=alice, reason="Again.")
    assert Entry.objects.filter(action="answer.withdrawn").count() == 1
    given = snapshot.unpack(snapshot.pack(*snapshot.gather(claim.consultation)))
    assert [answer.id for answer in given.corpus.answers] == ["1", "3", "4"]
    assert set(given.judgements.statements) == {"1", "3", "4"}
    assert Judgement.objects.filter(answer=one).exists()


def test_answers_to_a_sentence_that_went_stay_out(claim: Claim, alice: User) -> None:
    """A hidden claim takes its examples with it, and the analysis goes on."""
    taken_in(claim, by=alice)
    Claim.objects.filter(pk=claim.pk).update(is_hidden=True)
    spec = drafted(claim.consultation, by=alice)
    assert all(one["examples"] == [] for one in spec.load()["clauses"])


def test_the_page_of_a_clause_shows_its_examples(claim: Claim, alice: User, client: Client) -> None:
    """Who wrote them, how many judged them, with the interval; too few are not counted."""
    taken_in(claim, by=alice)
    spec = publish_spec(drafted(claim.consultation, by=alice), by=alice)
    row = spec.clauses.get(data__claim=claim.key)
    address = reverse("specs:clause", args=[claim.consultation.slug, spec.number, row.key])
    page = client.get(address).content.decode()
    assert judged.CAREFUL in page
    assert "model-1" in page
    assert "People who judged it: 38. Good: 36, not good: 2, unsure: 0." in page
    assert "Too few people judged it to show what they said." in page


def test_hostile_words_stay_words(claim: Claim, alice: User, client: Client) -> None:
    """Markup in an answer is text on every page; a NUL is refused where it stands."""
    texts = {"x": "<script>alert(1)</script> & <b>bold</b>"}
    rows = judged.answer_rows(claim.key, texts=texts)
    files = {"answers": judged.upload(judged.ANSWER_HEAD, *rows)}
    job = check_import(claim.consultation, by=alice, kind="answers", uploads=files)
    ImportJob.objects.filter(pk=job.pk).update(status=ImportJob.Status.QUEUED)
    intake_pipeline.write(job.pk)
    client.force_login(alice)
    page = client.get(reverse("judging:answers", args=["ai"])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    rows = judged.answer_rows(claim.key, texts={"y": "zero\0"})
    files = {"answers": judged.upload(judged.ANSWER_HEAD, *rows)}
    job = check_import(claim.consultation, by=alice, kind="answers", uploads=files)
    assert [(one["row"], one["field"]) for one in job.problems][:1] == [(2, "text")]


def test_only_organizers_bring_answers_in_and_take_them_out(
    claim: Claim, alice: User, bob: User, member: Membership, charlie: User, client: Client
) -> None:
    """A member and a stranger are refused; the owner withdraws with a reason."""
    taken_in(claim, by=alice)
    one = MachineAnswer.objects.get(key="1")
    there = reverse("judging:answers", args=["ai"])
    away = reverse("judging:withdraw", args=["ai", one.uuid])
    for user in (bob, charlie):
        client.force_login(user)
        assert client.get(there).status_code == 403
        assert client.post(away, {"reason": "I do not like it."}).status_code == 403
    client.force_login(alice)
    assert client.get(away).status_code == 200
    assert client.post(away, {"reason": ""}).status_code == 400
    assert client.post(away, {"reason": "It names a person."}).status_code == 302
    assert "It names a person." in client.get(there).content.decode()
    assert client.get(away).status_code == 409


def test_the_page_of_answers_costs_the_same_for_many(
    claim: Claim, alice: User, client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """A page with four answers and one with forty ask the database as often."""
    taken_in(claim, by=alice)
    MachineAnswer.objects.bulk_create(
        MachineAnswer(
            consultation=claim.consultation,
            claim=claim,
            key=f"more-{number}",
            prompt="What now?",
            text="Nothing.",
            by="model",
            prompt_by="Alice",
            source="x",
        )
        for number in range(36)
    )
    client.force_login(alice)
    with django_assert_max_num_queries(9):
        assert client.get(reverse("judging:answers", args=["ai"])).status_code == 200


def test_personal_data_in_an_answer_is_pointed_at(claim: Claim, alice: User) -> None:
    """Whoever confirms is told what would be published."""
    rows = judged.answer_rows(claim.key, texts={"1": "Write to jane.doe@example.org."})
    files = {"answers": judged.upload(judged.ANSWER_HEAD, *rows)}
    job = check_import(claim.consultation, by=alice, kind="answers", uploads=files)
    (note,) = job.report["notes"]
    assert note.startswith("text of answer '1'")


def test_a_single_judgement_between_two_versions_is_noted(claim: Claim, alice: User) -> None:
    """Whoever knows that one person judged in between reads her word from the difference."""
    taken_in(claim, by=alice)
    publish_spec(drafted(claim.consultation, by=alice), by=alice)
    title = "Few new answers do not follow from two versions"

    def is_fine() -> bool:
        spec = drafted(claim.consultation, by=alice)
        checks = {one.title: one.ok for one in report_on(spec, spec.load()).checks}
        return checks[title]

    assert is_fine()
    newcomer = Membership.objects.create(
        consultation=claim.consultation, key="late", is_participant=True
    )
    answer = MachineAnswer.objects.get(key="1")
    Judgement.objects.create(answer=answer, participant=newcomer, value="good", served=True)
    assert not is_fine()


def test_the_sample_comes_with_answers_and_judgements(db: None) -> None:
    """All of them, each to the claim that holds its sentence; loading again adds nothing."""
    loaded = sample.load()
    consultation = load_sample(loaded)
    for _ in range(2):
        assert consultation.machine_answers.count() == len(loaded.answers)
        rows = Judgement.objects.filter(answer__consultation=consultation)
        assert rows.count() == len(loaded.judgements)
        load_sample(loaded)
    for one in loaded.answers:
        claim = consultation.machine_answers.get(key=one.key).claim
        assert claim.segments.filter(statement__key=one.statement).exists()
    given = snapshot.unpack(snapshot.pack(*snapshot.gather(consultation)))
    assert given.judgements is not None
    skipped = sum(one.value == "skipped" for one in loaded.judgements)
    assert given.judgements.count == len(loaded.judgements) - skipped


def test_an_answer_follows_the_sentence_that_it_tries_into_a_joining(
    claim: Claim, alice: User, consultation: Consultation
) -> None:
    """Where an organizer let other words stand for it, it is an example of those."""
    taken_in(claim, by=alice)
    other = consultation.claims.exclude(pk=claim.pk).get()
    merge_claims(consultation, kept=other, folded=claim, by=alice, reason="Says the same.")
    clauses = {one["claim"]: one for one in drafted(consultation, by=alice).load()["clauses"]}
    assert clauses[claim.key]["examples"] == []
    assert len(clauses[other.key]["examples"][0]["undecided"]) == 2
