"""Imports: checked first, written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.errors import Conflict, Invalid
from civic.intake import pipeline
from civic.intake.models import ImportJob
from civic.intake.services import check_import, confirm_import
from civic.reactions.models import Reaction
from civic.specs.erasing import erase_part
from civic.statements.models import Claim, Segment, Statement

COMMENTS = """timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1,x,0,7,0,0,1," AI should be kind. "
2,x,1,8,0,0,0,"AI should be <b>brief</b>,
even in German."
3,x,2,7,0,0,-1,Buy my pills!
"""
VOTES = """timestamp,datetime,comment-id,voter-id,vote
1000,x,0,7,1
2000,x,0,9,1
3000,x,0,9,-1
4000,x,1,9,0
5000,x,2,10,1
"""


def uploads(**contents: str) -> dict[str, SimpleUploadedFile]:
    return {part: SimpleUploadedFile("x.csv", text.encode()) for part, text in contents.items()}


def row_counts() -> dict[str, int]:
    models = (Membership, Statement, Segment, Claim, Reaction)
    return {model.__name__: model.objects.count() for model in models}


@pytest.fixture
def checked(consultation: Consultation, alice: User) -> ImportJob:
    """A Polis export that passed its dry run."""
    files = uploads(comments=COMMENTS, votes=VOTES)
    return check_import(consultation, by=alice, kind="polis", uploads=files)


def test_a_dry_run_reports_and_writes_nothing(checked: ImportJob) -> None:
    """Counts are shown before anything is stored; only the job itself is."""
    assert checked.status == ImportJob.Status.CHECKED
    assert checked.report["counts"]["statements"] == 3
    assert row_counts() == {
        "Membership": 1,
        "Statement": 0,
        "Segment": 0,
        "Claim": 0,
        "Reaction": 0,
    }


def test_a_confirmed_import_keeps_ids_text_moderation_and_latest_votes(
    checked: ImportJob, alice: User, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    """The export's own numbers lead back to its rows."""
    with django_capture_on_commit_callbacks(execute=True):
        confirm_import(checked, by=alice)
    checked.refresh_from_db()
    assert checked.status == ImportJob.Status.DONE
    by_key = {one.key: one for one in Statement.objects.all()}
    assert by_key["0"].text == "AI should be kind."
    assert by_key["1"].text == "AI should be <b>brief</b>,\neven in German."
    assert [by_key[key].moderation for key in "012"] == ["accepted", "waiting", "rejected"]
    assert {claim.key: claim.text for claim in Claim.objects.select_related("statement")} == {
        "0": "AI should be kind.",
        "1": "AI should be <b>brief</b>,\neven in German.",
        "2": "Buy my pills!",
    }
    votes = Reaction.objects.values_list("participant__key", "claim__key", "value", "served")
    assert set(votes) == {
        ("7", "0", "agree", False),
        ("9", "0", "disagree", True),
        ("9", "1", "unsure", True),
        ("10", "2", "agree", True),
    }


def test_confirming_twice_imports_once(
    checked: ImportJob, alice: User, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    """A second click, and a message delivered twice, change nothing."""
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            confirm_import(checked, by=alice)
    before = row_counts()
    pipeline.write(checked.pk)
    assert row_counts() == before
    assert before["Statement"] == 3


@pytest.mark.django_db(transaction=True)
def test_an_import_that_breaks_in_the_middle_leaves_nothing(
    checked: ImportJob, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People and statements are written before the votes fail, and are gone afterwards."""
    before = row_counts()
    ImportJob.objects.filter(pk=checked.pk).update(status=ImportJob.Status.QUEUED)

    def pull_the_plug(*_: object, **__: object) -> None:
        assert Statement.objects.count() == 3
        raise MemoryError

    monkeypatch.setattr(pipeline, "write_reactions", pull_the_plug)
    with pytest.raises(MemoryError):
        pipeline.write(checked.pk)
    assert row_counts() == before
    checked.refresh_from_db()
    assert checked.status == ImportJob.Status.RUNNING  # the reconciler gives it to another worker


def test_defects_are_named_by_row_field_rule_and_remedy(
    consultation: Consultation, alice: User
) -> None:
    """A vote of 7 is reported where it stands, and the import cannot be confirmed."""
    files = uploads(comments=COMMENTS, votes=VOTES.replace("9,-1", "9,7"))
    job = check_import(consultation, by=alice, kind="polis", uploads=files)
    assert job.status == ImportJob.Status.REJECTED
    (problem,) = job.problems
    assert (problem["file"], problem["row"], problem["field"]) == ("votes.csv", 4, "vote")
    assert problem["rule"]
    assert problem["remedy"]
    with pytest.raises(Conflict, match="defects"):
        confirm_import(job, by=alice)


def test_a_second_export_cannot_be_mixed_into_a_consultation(
    checked: ImportJob, alice: User, consultation: Consultation
) -> None:
    """Its participants' numbers would be taken for the first one's."""
    second = check_import(
        consultation, by=alice, kind="polis", uploads=uploads(comments=COMMENTS, votes=VOTES)
    )
    for job in (checked, second):
        ImportJob.objects.filter(pk=job.pk).update(status=ImportJob.Status.QUEUED)
        pipeline.write(job.pk)
    second.refresh_from_db()
    assert second.status == ImportJob.Status.FAILED
    assert "new consultation" in second.error
    assert Statement.objects.count() == 3


def test_files_that_do_not_belong_are_refused(consultation: Consultation, alice: User) -> None:
    """The wrong part, the wrong kind, or no file at all."""
    for kind, parts in (("polis", {"photo": ""}), ("excel", {}), ("statements", {})):
        with pytest.raises(Invalid):
            check_import(consultation, by=alice, kind=kind, uploads=uploads(**parts))


def test_a_table_of_statements_joins_and_is_prepared(
    consultation: Consultation,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    """Statements without votes are cut into sentences by the worker."""
    table = (
        "author,text,language,region\nann,AI should be kind.,en,north\nben,KI soll helfen.,de,\n"
    )
    job = check_import(consultation, by=alice, kind="statements", uploads=uploads(statements=table))
    with django_capture_on_commit_callbacks(execute=True):
        confirm_import(job, by=alice)
    assert set(Statement.objects.values_list("text", "author__key", "language")) == {
        ("AI should be kind.", "ann", "en"),
        ("KI soll helfen.", "ben", "de"),
    }
    assert not Statement.objects.filter(prepared_at=None).exists()
    assert Claim.objects.count() == 2


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder as Polis writes it."""
    (tmp_path / "comments.csv").write_text(COMMENTS)
    (tmp_path / "votes.csv").write_text(VOTES)
    return tmp_path


@pytest.mark.django_db
def test_the_command_line_imports_a_folder(export: Path) -> None:
    """Without an organizer, with people to leave out."""
    (export / "out.txt").write_text("9\n")
    out = io.StringIO()
    arguments = ("--title", "Kind AI", "--slug", "kind", "--exclude-participants")
    call_command("import_polis", export, *arguments, export / "out.txt", stdout=out)
    assert "Imported as “kind”" in out.getvalue()
    assert set(Reaction.objects.values_list("participant__key", flat=True)) == {"7", "10"}
    with pytest.raises(CommandError, match="taken"):
        call_command("import_polis", export, "--title", "Again", "--slug", "kind", stdout=out)


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
def test_the_command_line_writes_nothing_on_a_dry_run_or_a_defect(
    export: Path, dry_run: bool
) -> None:
    """A defect is shown as a table, and the command fails."""
    arguments = [export, "--title", "Kind AI", "--slug", "kind"]
    out = io.StringIO()
    if dry_run:
        call_command("import_polis", *arguments, "--dry-run", stdout=out)
        assert "nothing was written" in out.getvalue()
    else:
        (export / "votes.csv").write_text(VOTES.replace("9,-1", "9,nan"))
        with pytest.raises(CommandError, match="1 defect"):
            call_command("import_polis", *arguments, stdout=out)
        assert "vote" in out.getvalue()
    assert not Consultation.objects.exists()


def test_a_table_that_repeats_ids_is_told_in_the_dry_run(
    consultation: Consultation, alice: User
) -> None:
    """Rows without ids are numbered by their place, so a second such table needs ids of its own."""
    table = b"author,text\nann,The AI should be honest.\n"
    first = check_import(
        consultation,
        by=alice,
        kind="statements",
        uploads={"statements": SimpleUploadedFile("statements.csv", table)},
    )
    confirm_import(first, by=alice)
    pipeline.write(first.pk)
    second = check_import(
        consultation,
        by=alice,
        kind="statements",
        uploads={"statements": SimpleUploadedFile("statements.csv", table)},
    )
    assert second.status == ImportJob.Status.REJECTED
    assert second.problems[0]["field"] == "id"
    assert "column named id" in second.problems[0]["remedy"]


@pytest.mark.parametrize("deleted", [False, True], ids=["there", "deleted since"])
def test_no_file_speaks_in_the_name_of_somebody_here(
    deleted: bool, consultation: Consultation, alice: User, bob: User, member: Membership
) -> None:
    """Everybody can read Bob's random name; an organizer puts no words under it."""
    if deleted:
        erase_part(member, by=bob)
    table = f"author,text\n{member.key},AI should obey the organizer.\n"
    job = check_import(consultation, by=alice, kind="statements", uploads=uploads(statements=table))
    assert job.status == ImportJob.Status.REJECTED
    assert job.problems[0]["rule"].startswith(f"'{member.key}' is the name of somebody here")
    polis = uploads(comments=COMMENTS, votes=VOTES.replace(",9,", f",{member.key},"))
    job = check_import(consultation, by=alice, kind="polis", uploads=polis)
    assert job.status == ImportJob.Status.REJECTED


def test_whoever_comes_in_after_the_dry_run_is_not_spoken_for(
    consultation: Consultation, alice: User, member: Membership
) -> None:
    """The name is looked for once more when the files are written."""
    table = "author,text\nnewcomer,AI should obey the organizer.\n"
    job = check_import(consultation, by=alice, kind="statements", uploads=uploads(statements=table))
    assert job.status == ImportJob.Status.CHECKED
    Membership.objects.filter(pk=member.pk).update(key="newcomer")
    confirm_import(job, by=alice)
    pipeline.write(job.pk)
    job.refresh_from_db()
    assert job.status == ImportJob.Status.FAILED
    assert "nobody else speaks for her" in job.error
    assert not Statement.objects.exists()
