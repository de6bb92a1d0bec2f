"""Lists of the API: bounded, in a stable order, and as many queries for 200 rows as for 10."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from api_world import World, new_answer, new_clause, new_statement
from django.db import connection
from django.test.utils import CaptureQueriesContext

from civic.analysis.models import Run, RunStep
from civic.audit.models import Entry
from civic.audit.services import record
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import create_consultation, open_phase
from civic.curation.models import Answer, Decision, Question, Suggestion
from civic.intake.models import ImportJob
from civic.judging.models import Judgement
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.specs.webhooks.models import Delivery, Webhook
from civic.statements.models import Claim, Statement


def author(world: World) -> Membership:
    return world.consultation.memberships.get(user=world.people["participant"])


def more_consultations(world: World, count: int) -> None:
    for number in range(count):
        slug = f"c-{Consultation.objects.count()}-{number}"
        open_phase(create_consultation(title="T", slug=slug), phase="collect")


def more_statements(world: World, count: int) -> None:
    for _ in range(count):
        statement = new_statement(world.consultation, author=author(world), text="AI is calm.")
        Statement.objects.filter(pk=statement.pk).update(prepared_at=statement.created_at)


def more_waiting(world: World, count: int) -> None:
    for _ in range(count):
        new_statement(
            world.consultation, author=author(world), text="Read me.", moderation="waiting"
        )


def more_reactions(world: World, count: int) -> None:
    more_statements(world, count)
    claims = Claim.objects.exclude(reactions__participant=author(world))
    Reaction.objects.bulk_create(
        Reaction(claim=claim, participant=author(world), value="agree", served=True)
        for claim in claims
    )


def more_imports(world: World, count: int) -> None:
    for _ in range(count):
        ImportJob.objects.create(consultation=world.consultation, kind="polis", status="checked")


def more_runs(world: World, count: int) -> None:
    for _ in range(count):
        run = Run.objects.create(consultation=world.consultation, status="done")
        RunStep.objects.create(run=run, position=0, name="read")


def more_specs(world: World, count: int) -> None:
    start = SpecVersion.objects.count() + 1
    SpecVersion.objects.bulk_create(
        SpecVersion(
            consultation=world.consultation,
            run=world.finished,
            number=start + number,
            status="published",
            document=b"{}",
            sha256="0" * 64,
        )
        for number in range(count)
    )


def more_clauses(world: World, count: int) -> None:
    start = world.published.clauses.count()
    for number in range(count):
        new_clause(world.published, claim=world.claim, position=start + number)


def more_entries(world: World, count: int) -> None:
    for number in range(count):
        open_phase(world.consultation, phase=("react", "collect")[number % 2])


def more_decisions(world: World, count: int) -> None:
    for first, second in more_pairs(world, count):
        Decision.objects.create(
            consultation=world.consultation, kind="apart", first=first, second=second, reason="No."
        )


def more_suggestions(world: World, count: int) -> None:
    start = Suggestion.objects.count()
    for number, (first, second) in enumerate(more_pairs(world, count)):
        Suggestion.objects.create(
            consultation=world.consultation,
            kind="duplicate",
            first=first,
            second=second,
            position=start + number,
            evidence={"why": "Near.", "similarity": 0.7},
            run=world.finished.uuid,
        )


def more_answers(world: World, count: int) -> None:
    for first, second in more_pairs(world, count):
        question = Question.objects.create(
            first=first,
            second=second,
            participant=author(world),
            seed=1,
            swapped=False,
            probability=0.5,
        )
        Answer.objects.create(question=question, value="both", served=True)


def more_pairs(world: World, count: int) -> list[tuple[Claim, Claim]]:
    claims = [
        new_statement(world.consultation, author=None, text="AI is calm.").claims.get()
        for _ in range(2 * count)
    ]
    return list(zip(claims[::2], claims[1::2], strict=True))


def more_webhooks(world: World, count: int) -> None:
    Webhook.objects.bulk_create(
        Webhook(consultation=world.consultation, url=f"https://example.org/{uuid4()}", secret="x")
        for _ in range(count)
    )


def more_deliveries(world: World, count: int) -> None:
    Delivery.objects.bulk_create(
        Delivery(webhook=world.webhook, event="webhook.test", body="{}") for _ in range(count)
    )


def more_machine_answers(world: World, count: int) -> None:
    for _ in range(count):
        new_answer(world.claim, key=uuid4().hex)


def more_judgements(world: World, count: int) -> None:
    person = world.consultation.memberships.get(user=world.people["participant"])
    for _ in range(count):
        answer = new_answer(world.claim, key=uuid4().hex)
        Judgement.objects.create(answer=answer, participant=person, value="good", served=True)


Grow = Callable[[World, int], None]
LISTS: dict[str, tuple[str, Grow, int]] = {
    "consultations/": ("participant", more_consultations, 4),
    "consultations/{slug}/statements/": ("participant", more_statements, 6),
    "consultations/{slug}/statements/mine/": ("participant", more_statements, 13),
    "consultations/{slug}/statements/queue/": ("moderator", more_waiting, 7),
    "consultations/{slug}/claims/": ("participant", more_statements, 6),
    "consultations/{slug}/reactions/mine/": ("participant", more_reactions, 8),
    "consultations/{slug}/answers/": ("participant", more_machine_answers, 6),
    "consultations/{slug}/answers/judged/": ("participant", more_judgements, 8),
    "consultations/{slug}/imports/": ("organizer", more_imports, 7),
    "consultations/{slug}/runs/": ("organizer", more_runs, 8),
    "consultations/{slug}/specs/": ("participant", more_specs, 7),
    "consultations/{slug}/decisions/": ("participant", more_decisions, 6),
    "consultations/{slug}/suggestions/": ("organizer", more_suggestions, 11),
    "consultations/{slug}/questions/mine/": ("participant", more_answers, 8),
    "consultations/{slug}/audit/": ("organizer", more_entries, 7),
    "consultations/{slug}/webhooks/": ("organizer", more_webhooks, 7),
    "webhooks/{webhook}/deliveries/": ("organizer", more_deliveries, 7),
    "specs/{published}/clauses/": ("participant", more_clauses, 8),
}


def queries(world: World, address: str, role: str) -> tuple[int, int]:
    """How many rows a page of 200 has, and how many queries it took."""
    ids = {"published": world.published.uuid, "webhook": world.webhook.uuid}
    address = address.format(slug=world.consultation.slug, **ids)
    client = world.client(role)
    client.get("/api/v1/session/")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/api/v1/{address}?limit=200")
    assert answer.status_code == 200, answer.content
    return len(answer.json()["results"]), len(captured)


@pytest.mark.parametrize("address", LISTS)
def test_a_long_list_takes_no_more_queries(address: str, world: World) -> None:
    """200 rows cost as many queries as 10, and no more than stated."""
    role, grow, bound = LISTS[address]
    grow(world, 10)
    few, few_queries = queries(world, address, role)
    grow(world, 190)
    many, many_queries = queries(world, address, role)
    assert few_queries == many_queries <= bound
    assert 10 <= few < many == 200


def test_pages_join_up(world: World) -> None:
    """Following `next` shows every row once, in order."""
    more_statements(world, 7)
    address: str | None = f"/api/v1/consultations/{world.consultation.slug}/statements/?limit=3"
    client, seen = world.client("nobody"), []
    while address:
        page = client.get(address).json()
        assert page["count"] == 8
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    rows = Statement.objects.filter(moderation="accepted").order_by("pk")
    assert seen == [str(row.uuid) for row in rows]


def test_lists_show_only_what_everybody_may_read(world: World, private: World) -> None:
    """Hidden, waiting and withdrawn statements, and their claims, are in no public list."""
    more_waiting(world, 1)
    new_statement(
        world.consultation, author=None, text="Gone.", withdrawn_at=world.shown.created_at
    )
    client = world.client("nobody")
    below = f"/api/v1/consultations/{world.consultation.slug}"
    texts = [row["text"] for row in client.get(f"{below}/statements/").json()["results"]]
    claims = [row["text"] for row in client.get(f"{below}/claims/").json()["results"]]
    assert texts == claims == ["AI should be kind."]
    slugs = [row["slug"] for row in client.get("/api/v1/consultations/").json()["results"]]
    assert slugs == [world.consultation.slug]
    mine = private.client("participant").get("/api/v1/consultations/").json()["results"]
    assert [row["slug"] for row in mine] == [private.consultation.slug, world.consultation.slug]


def test_strangers_see_no_drafts(world: World) -> None:
    """Only staff and auditors find a draft in the list of versions."""
    address = f"/api/v1/consultations/{world.consultation.slug}/specs/"
    numbers = {
        role: [row["number"] for row in world.client(role).get(address).json()["results"]]
        for role in ("nobody", "participant", "organizer")
    }
    assert numbers == {"nobody": [2, 1], "participant": [2, 1], "organizer": [3, 2, 1]}


def test_the_log_of_one_consultation_is_its_own(world: World, private: World) -> None:
    """An auditor reads the acts of her consultation and of no other."""
    address = f"/api/v1/consultations/{world.consultation.slug}/audit/?limit=200"
    rows = world.client("auditor").get(address).json()["results"]
    subjects = {row["subject_id"] for row in rows}
    assert str(world.consultation.uuid) in subjects
    assert str(private.consultation.uuid) not in subjects
    assert [row["number"] for row in rows] == sorted((r["number"] for r in rows), reverse=True)
    assert "row_key" not in rows[0]


def test_the_log_does_not_follow_citizens(world: World) -> None:
    """No program finds out what else the one who reported a statement wrote or answered."""
    address = f"/api/v1/consultations/{world.consultation.slug}/audit/?limit=200"
    citizen, organizer = world.people["participant"], world.people["organizer"]
    assert citizen is not None
    assert organizer is not None
    record("statement.flagged", subject=world.shown, actor=citizen.audit_key)
    record("run.done", subject=world.finished)
    assert Entry.objects.filter(actor=citizen.audit_key).count() > 2
    for role in ("auditor", "organizer"):
        answer = world.client(role).get(address)
        by = {row["action"]: row["actor"] for row in answer.json()["results"]}
        assert by["statement.flagged"] == by["membership.joined"] == "participant"
        assert by["consultation.created"] == organizer.audit_key
        assert by["run.done"] == "platform"
        assert citizen.audit_key not in answer.content.decode()
