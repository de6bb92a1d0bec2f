"""How sure a published spec is: recomputed, attacked, told on its page, kept between versions."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape

from aggregation.spec import assurance
from civic.accounts.models import User
from civic.analysis import pipeline
from civic.consultations.models import Consultation, Membership
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.specs.services import draft_spec, publish_spec, start_run
from civic.statements.models import Claim, Statement

TEXTS = (
    "AI should be kind to everybody.",
    "AI should explain its reasons.",
    "AI should refuse questions about weapons.",
    "AI should never keep private data.",
    "AI should speak about politics.",
    "AI should write poems.",
    "AI should tell jokes.",
    "AI should correct mistakes.",
)


@pytest.fixture
def divided(consultation: Consultation, new_claim: Callable[..., Claim]) -> Consultation:
    """Forty people of two camps, 24 and 16, who agree on every second sentence."""
    claims = [new_claim(text) for text in TEXTS]
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{number}", is_participant=True)
        for number in range(40)
    )
    Reaction.objects.bulk_create(
        Reaction(
            claim=claim,
            participant=person,
            value="agree" if place % 2 == 0 or row < 24 else "disagree",
            served=True,
        )
        for row, person in enumerate(people)
        for place, claim in enumerate(claims)
        if (row + 3 * place) % 11
    )
    return consultation


def publish(consultation: Consultation, *, by: User) -> SpecVersion:
    run = start_run(consultation, by=by)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    pipeline.execute(run.pk)
    run.refresh_from_db()
    return publish_spec(draft_spec(run, by=by), by=by)


def told(command: str, slug: str) -> str:
    out = io.StringIO()
    call_command(command, slug, stdout=out, stderr=out)
    return out.getvalue()


def test_every_number_of_a_published_spec_follows_from_its_votes(
    divided: Consultation, alice: User
) -> None:
    """The command recomputes it from the run's frozen input."""
    publish(divided, by=alice)
    held, every = told("verify_spec", divided.slug).split(" checks")[0].split(" of ")
    assert held == every
    assert int(held.replace(",", "")) > 100


def test_votes_on_what_a_moderator_took_out_are_no_part_of_it(
    divided: Consultation, alice: User
) -> None:
    """A sentence that was hidden after votes, and somebody who answered nothing else."""
    [hidden] = Claim.objects.filter(statement__text=TEXTS[5])
    lonely = Membership.objects.create(consultation=divided, key="lonely", is_participant=True)
    Reaction.objects.create(claim=hidden, participant=lonely, value="agree", served=True)
    Statement.objects.filter(pk=hidden.statement_id).update(
        moderation="rejected", moderation_reason="off topic"
    )
    spec = publish(divided, by=alice)
    assert spec.load()["population"]["participants"] == 40
    assert hidden.key not in {clause["claim"] for clause in spec.load()["clauses"]}
    held, every = told("verify_spec", divided.slug).split(" checks")[0].split(" of ")
    assert held == every
    assert f"people voted on {len(TEXTS) - 1} claims" in told("attack_report", divided.slug)


def test_a_number_that_was_changed_is_found(divided: Consultation, alice: User) -> None:
    """One more supporter in one cell, and the command ends with an error that says where."""
    spec = publish(divided, by=alice)
    document = spec.load()
    document["clauses"][0]["support"]["overall"]["agree"] += 1
    SpecVersion.objects.filter(pk=spec.pk).update(document=json.dumps(document).encode())
    with pytest.raises(CommandError, match="checks hold"):
        told("verify_spec", divided.slug)


@pytest.mark.parametrize("command", ["verify_spec", "attack_report"])
def test_what_is_not_published_cannot_be_checked(consultation: Consultation, command: str) -> None:
    """A consultation without a spec, and one that does not exist."""
    for slug in (consultation.slug, "no-such-thing"):
        with pytest.raises(CommandError, match="no published spec"):
            told(command, slug)


def test_an_organizer_can_see_what_a_crowd_could_do(divided: Consultation, alice: User) -> None:
    """Crowds of three sizes, the same report every time."""
    publish(divided, by=alice)
    report = told("attack_report", divided.slug)
    assert all(share in report for share in ("1%", "5%", "10%"))
    assert told("attack_report", divided.slug) == report


def test_a_crowd_attacks_the_clauses_that_the_spec_has(
    consultation: Consultation, new_claim: Callable[..., Claim], alice: User
) -> None:
    """Seven of 40 are too few to tell of, so they are no group and veto nothing in either."""
    claims = [new_claim(text) for text in TEXTS]
    for row in range(40):
        person = Membership.objects.create(
            consultation=consultation, key=f"p{row}", is_participant=True
        )
        Reaction.objects.bulk_create(
            Reaction(
                claim=claim,
                participant=person,
                value="disagree" if row < 7 and place < 6 else "agree",
                served=True,
            )
            for place, claim in enumerate(claims)
        )
    document = publish(consultation, by=alice).load()
    assert document["method"]["groups"]["min_mass"] > document["method"]["policy"]["min_group_mass"]
    held = [one for one in document["clauses"] if one["status"] in ("adopted", "provisional")]
    assert f"of {len(held)} clauses their MUST or SHOULD" in told("attack_report", "ai")


def test_groups_keep_their_letters_from_one_version_to_the_next(
    divided: Consultation, alice: User
) -> None:
    """Sixteen newcomers make the second camp the larger one; it is still group B."""
    first = publish(divided, by=alice)
    assert [group["size"] for group in first.load()["groups"]] == [24, 16]
    rows = Reaction.objects.filter(participant__key="p39")
    newcomers = Membership.objects.bulk_create(
        Membership(consultation=divided, key=f"q{number}", is_participant=True)
        for number in range(16)
    )
    Reaction.objects.bulk_create(
        Reaction(claim_id=row.claim_id, participant=person, value=row.value, served=True)
        for person in newcomers
        for row in rows
    )
    second = publish(divided, by=alice)
    assert second.run.previous_run == first.run
    assert [group["size"] for group in second.load()["groups"]] == [24, 32]
    before, after = pipeline.groups_of(first.run), pipeline.groups_of(second.run)
    assert before is not None
    assert after is not None
    kept = np.isin(after.participants, before.participants)
    assert dict(zip(before.participants, before.labels, strict=True)) == dict(
        zip(np.array(after.participants)[kept], after.labels[kept], strict=True)
    )
    assert told("verify_spec", divided.slug).endswith("checks hold.\n")


def test_the_page_answers_how_sure_it_is(
    divided: Consultation, alice: User, client: Client
) -> None:
    """In the words that the document's own figures give, for everybody who may read it."""
    spec = publish(divided, by=alice)
    page = client.get(f"/c/{divided.slug}/spec/").content.decode()
    assert "How sure is this?" in page
    for answer in assurance(spec.load()):
        assert escape(answer.title) in page
        assert escape(answer.text) in page
