"""Two versions side by side on a page: what moved and why, and that the rest is the same."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from aggregation.spec import to_bytes
from civic.accounts.models import User
from civic.consultations.models import Consultation
from civic.reactions.models import Reaction
from civic.specs.differing import difference_of
from civic.specs.models import SpecVersion
from civic.specs.services import draft_spec, publish_spec
from civic.statements.models import Claim
from tests.civic.pages.conftest import analysed, asked, published, run

__all__ = ["asked", "published", "run"]


def next_version(consultation: Consultation, *, by: User) -> SpecVersion:
    return publish_spec(draft_spec(analysed(consultation, by=by), by=by), by=by)


def test_unchanged_clauses_are_the_same_bytes_and_the_others_say_why(
    published: SpecVersion, consultation: Consultation, asked: list[Claim], alice: User
) -> None:
    """Through three versions: nothing new, then half of the answers to one sentence turned."""
    second = next_version(consultation, by=alice)
    third = next_version(consultation, by=alice)
    people = Reaction.objects.filter(claim=asked[0], is_latest=True).order_by("pk")
    people.filter(pk__in=list(people.values_list("pk", flat=True)[:20])).update(value="disagree")
    fourth = next_version(consultation, by=alice)
    quiet = difference_of(second, third)
    assert (quiet.changes, quiet.same_input) == ((), True)
    for before, after in ((published, second), (second, third), (third, fourth)):
        found = difference_of(before, after)
        old, new = (
            {c["id"]: to_bytes(c) for c in one.load()["clauses"]} for one in (before, after)
        )
        assert all(old[name] == new[name] for name in found.unchanged)
        assert {c.clause["id"] for c in found.changes} == new.keys() - set(found.unchanged)
        assert all(change.causes for change in found.changes)
    moved = next(c for c in difference_of(third, fourth).changes if "reactions" in c.causes)
    assert moved.clause["claim"] == asked[0].key
    page = Client().get("/c/ai/spec/3/diff/4/").content.decode()
    assert "Other answers to it were counted." in page
    assert "support.overall.agree" in page
    only = Client().get("/c/ai/spec/3/diff/4/?kind=numbers&page=7").content.decode()
    assert only.count("<del>") == 0
    same = Client().get("/c/ai/spec/2/diff/3/").content.decode()
    assert "Every clause is the same." in same
    link = '/c/ai/spec/3/diff/4/"'
    assert link in Client().get("/c/ai/spec/").content.decode()


def test_a_lost_passage_is_told_by_what_became_of_its_statement(
    published: SpecVersion, consultation: Consultation, asked: list[Claim], alice: User
) -> None:
    """Hidden by a moderator: the clause is gone, and the page says so."""
    statement = asked[1].statement
    statement.moderation, statement.moderation_reason = "rejected", "Advertising."
    statement.save()
    Claim.objects.filter(pk=asked[1].pk).update(is_hidden=True)
    second = next_version(consultation, by=alice)
    found = difference_of(published, second)
    removed = [change for change in found.changes if change.kind == "removed"]
    assert [change.causes for change in removed] == [("moderation",)]
    page = Client().get("/c/ai/spec/1/diff/2/").content.decode()
    assert "A statement that it rested on was hidden by a moderator." in page


def test_versions_that_one_may_not_read_are_not_compared(
    published: SpecVersion, consultation: Consultation, alice: User
) -> None:
    """Drafts are the team's, withdrawn versions nobody's, unknown ones are not there."""
    draft = draft_spec(analysed(consultation, by=alice), by=alice)
    assert Client().get("/c/ai/spec/1/diff/2/").status_code == 401  # as for the draft itself
    hers = Client()
    hers.force_login(alice)
    assert hers.get("/c/ai/spec/1/diff/2/").status_code == 200
    publish_spec(draft, by=alice)
    SpecVersion.objects.filter(number=1).update(status="withdrawn", withdrawn_at=timezone.now())
    assert Client().get("/c/ai/spec/1/diff/2/").status_code == 404
    assert Client().get("/c/ai/spec/2/diff/9/").status_code == 404
