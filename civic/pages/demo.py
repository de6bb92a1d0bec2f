"""The sample consultation, put through the platform's own acts; and who can sign in to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from aggregation.types import Answer
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act, Phase
from civic.consultations.services import create_consultation, grant_role, join, open_phase
from civic.judging.models import Judgement
from civic.judging.services import add_answers
from civic.pages.sample import WROTE_PROMPTS, Sample
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Segment, Statement
from civic.statements.preparing import prepare_waiting
from civic.statements.ruling import moderate_statement

BATCH = 500
SOURCE = "The sample consultation (synthetic)"


@dataclass(frozen=True)
class Login:
    """An address that can sign in on a demo machine, and what for."""

    role: str
    email: str
    name: str


LOGINS = (
    Login("citizen", "citizen@example.org", "Demo citizen"),
    Login("organizer", "organizer@example.org", "Demo organizer"),
    Login("moderator", "moderator@example.org", "Demo moderator"),
    Login("auditor", "auditor@example.org", "Demo auditor"),
)
ROLES = {
    "citizen": "participant",
    "moderator": "moderator",
    "auditor": "auditor",
}  # the organizer owns it already


def load_sample(sample: Sample, *, owner: User | None = None) -> Consultation:
    """The sample as a consultation with statements, claims and reactions.

    It belongs to `owner`; where nobody is named, to a demo organizer, with a demo citizen, a demo
    moderator and a demo auditor in it.

    A load that was cut short is taken up where it stopped: rows are written in one transaction,
    sentences are found statement by statement, reactions again in one transaction, and so are
    answers of machines with what people made of them.
    """
    consultation = Consultation.objects.filter(slug=sample.consultation.slug).first()
    if consultation is None:
        consultation = _write_people_and_statements(sample, owner=owner)
    prepare_waiting(consultation)
    if not Reaction.objects.filter(claim__consultation=consultation).exists():
        _write_reactions(consultation, sample)
    if consultation.is_open(Act.IMPORT) and not consultation.machine_answers.exists():
        _write_judgements(consultation, sample)
    return consultation


@transaction.atomic
def _write_people_and_statements(sample: Sample, *, owner: User | None) -> Consultation:
    users = {} if owner else {login.role: _user(login) for login in LOGINS}
    organizer = owner or users["organizer"]
    consultation = _open(sample, by=organizer)
    for role in users.keys() & ROLES.keys():
        grant_role(consultation, user=users[role], role=ROLES[role], by=organizer)
    if "citizen" in users:
        join(consultation, user=users["citizen"])  # she has read what it means, too
    _write_statements(consultation, sample, moderator=organizer)
    return consultation


def _open(sample: Sample, *, by: User) -> Consultation:
    """The consultation of the sample, taking statements."""
    about = sample.consultation
    consultation = create_consultation(
        title=about.title,
        slug=about.slug,
        by=by,
        question=about.question,
        description=about.description,
        licence=about.licence,
        languages=list(about.languages),
        is_synthetic=True,
        **about.told,
    )
    return open_phase(consultation, phase=Phase.COLLECT, by=by)


def _write_statements(consultation: Consultation, sample: Sample, *, moderator: User) -> None:
    """Everybody in the sample with what they wrote, read by a moderator."""
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=person.key, is_participant=True)
        for person in sample.people
    )
    authors = {membership.key: membership for membership in people}
    rows = Statement.objects.bulk_create(
        Statement(
            consultation=consultation,
            key=one.key,
            text=one.text,
            language=one.language,
            author=authors[one.author],
            submitted_at=one.written,
        )
        for one in sample.statements
    )
    reasons = {one.key: one.rejected for one in sample.statements}
    for row in rows:
        reason = reasons[row.key]
        moderate_statement(
            row,
            by=moderator,
            decision=Statement.Moderation.REJECTED if reason else Statement.Moderation.ACCEPTED,
            reason=reason or "Says how an assistant should behave.",
        )


def _user(login: Login) -> User:
    return ensure_user(login.email, display_name=login.name, is_host=login.role == "organizer")


@transaction.atomic
def _write_reactions(consultation: Consultation, sample: Sample) -> None:
    """Each reaction lands on the claim that holds its sentence, merged or not; the latest counts.

    Where two sentences became one claim, the person's later answer is hers.
    """
    claims = _claims(consultation)
    people = {m.key: m for m in consultation.memberships.all()}
    latest: dict[tuple[str, int], tuple[Claim, str, object]] = {}
    for one in sorted(sample.reactions, key=lambda r: r.at):
        claim = claims.get((one.statement, one.sentence))
        if claim is not None:
            latest[one.person, claim.pk] = (claim, one.value, one.at)
    Reaction.objects.bulk_create(
        (
            Reaction(
                claim=claim,
                participant=people[person],
                value=value,
                served=claim.statement.author_id != people[person].pk,
                given_at=at,
            )
            for (person, _), (claim, value, at) in latest.items()
        ),
        batch_size=BATCH,
    )


def _claims(consultation: Consultation) -> dict[tuple[str, str], Claim]:
    """The claim that holds each sentence: key of its statement, its words -> claim."""
    return {
        (segment.statement.key, segment.text): segment.claim
        for segment in Segment.objects.filter(
            statement__consultation=consultation, claim__isnull=False
        ).select_related("statement", "claim__statement")
    }


@transaction.atomic
def _write_judgements(consultation: Consultation, sample: Sample) -> None:
    """The sample's answers of machines, each to the claim that holds its sentence; and who judged
    them how."""
    claims = _claims(consultation)
    rows = add_answers(
        consultation,
        [
            Answer(
                id=one.key,
                claim=claims[one.statement, one.sentence].key,
                prompt=one.prompt,
                text=one.text,
                by=one.by,
                prompt_by=WROTE_PROMPTS,
                source=SOURCE,
            )
            for one in sample.answers
            if (one.statement, one.sentence) in claims  # somebody may have parted it since
        ],
        by=consultation.created_by,
    )
    answers = {row.key: row for row in rows}
    people = {m.key: m for m in consultation.memberships.all()}
    Judgement.objects.bulk_create(
        (
            Judgement(
                answer=answers[one.answer],
                participant=people[one.person],
                value=one.value,
                served=True,
                given_at=one.at,
            )
            for one in sample.judgements
            if one.answer in answers
        ),
        batch_size=BATCH,
    )
