"""Everything that is kept about a person, as a file for her: each field with its meaning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Membership
from civic.curation.models import Answer, Question
from civic.pages.openings import contents_of, receipts_of
from civic.reactions.models import Reaction, Serving
from civic.statements.models import Appeal, Flag, Statement

Part = dict[str, Any]

# What each part of the file holds. In English, as every name in it.
FIELDS = {
    "account": "Who you are here: your e-mail address, the name you gave, when you began.",
    "key": "Your random name in one consultation; pages and exports show it, and nothing else.",
    "about_you": "What you said about yourself: the question's key and your answer's key.",
    "left": "Consultations in which you had your part deleted and answers of yours still count, "
    "without your name: kept so that nobody counts twice.",
    "statements": "What you wrote, word for word, with its sentences. A sentence's `claim` is what "
    "people react to; `merged` says that somebody else's words stand for it; `verdict` is what you "
    "said about how it was read.",
    "rulings": "What moderators decided on a statement of yours, with the reason.",
    "appeals": "What you wrote against such a decision, and the answer.",
    "reactions": "Every answer you ever gave, changed ones too; `is_latest` marks what counts. "
    "`served` says that the platform chose to show you the sentence.",
    "shown": "Which sentences the platform showed you, and when.",
    "either_or": "Which of two wishes you said comes nearer to yours.",
    "judgements": "What you made of answers of machines, changed words too; `is_latest` marks what "
    "counts. `served` says that the platform chose to show you the answer.",
    "answers_shown": "Which answers of machines the platform showed you, and when; `seed` is "
    "the lot with which one was drawn from `among`.",
    "flags": "What you reported to moderators.",
    "links": "When you made a private link to your receipt, and when it was ended. The address "
    "itself is kept nowhere.",
    "record": "What the record of acts holds of you. `commitment` is the HMAC-SHA256 of what was "
    "done under `row_key`; when you delete yourself, the key is forgotten, and the entry proves "
    "nothing about you any more. `receipt` shows where it stands in the public log, once it is "
    "sealed, within a minute; `concordance-verify receipts` checks all of them.",
}


def account_data(user: User) -> Part:
    """Everything kept about a person, in all consultations."""
    parts = user.memberships.select_related("consultation").order_by("pk")
    outside = Entry.objects.filter(actor=user.audit_key, consultation=None)
    return {
        "made_at": _time(timezone.now()),
        "fields": FIELDS,
        "account": _account(user),
        "left": list(user.departures.order_by("pk").values_list("consultation__slug", flat=True)),
        "record": _entries(outside, {}),
        "consultations": [_part(membership) for membership in parts],
    }


def part_data(membership: Membership) -> Part:
    """Everything kept about a person in one consultation, and her account."""
    return {
        "made_at": _time(timezone.now()),
        "fields": FIELDS,
        "account": _account(membership.user) if membership.user else None,
        "consultations": [_part(membership)],
    }


def _account(user: User) -> Part:
    return {
        "id": str(user.uuid),
        "email": user.email,
        "display_name": user.display_name,
        "is_host": user.is_host,
        "began_at": _time(user.date_joined),
        "last_login": _time(user.last_login),
    }


def _part(membership: Membership) -> Part:
    consultation = membership.consultation
    written = membership.statements.prefetch_related(
        "segments__claim__statement", "rulings", "appeals", "segments__reworded_as"
    )
    entries = Entry.objects.none()
    if membership.user is not None:
        actor = membership.user.audit_key
        entries = Entry.objects.filter(actor=actor, consultation=consultation.uuid)
    return {
        "consultation": consultation.slug,
        "title": consultation.title,
        "key": membership.key,
        "roles": [str(role) for role in membership.roles],
        "joined_at": _time(membership.joined_at),
        "consented_at": _time(membership.consented_at),
        "about_you": membership.strata,
        "statements": [_statement(one) for one in written.order_by("pk")],
        "reactions": _reactions(membership),
        "shown": _shown(membership),
        "either_or": _either_or(membership),
        "judgements": _judgements(membership),
        "answers_shown": _answers_shown(membership),
        "flags": [_flag(one) for one in membership.flags.select_related("statement")],
        "links": [
            {"made_at": _time(made), "ended_at": _time(ended)}
            for made, ended in membership.receipt_links.order_by("pk").values_list(
                "made_at", "ended_at"
            )
        ],
        "record": _entries(entries, contents_of(membership)),
    }


def _statement(one: Statement) -> Part:
    return {
        "id": str(one.uuid),
        "reference": one.key,
        "text": one.text,
        "language": one.language,
        "scenario": one.scenario,
        "moderation": one.moderation,
        "moderation_reason": one.moderation_reason,
        "sent_at": _time(one.submitted_at),
        "withdrawn_at": _time(one.withdrawn_at),
        "sentences": [_sentence(segment) for segment in one.segments.all()],
        "rulings": [
            {
                "decision": ruling.decision,
                "rule": ruling.rule,
                "reason": ruling.reason,
                "stage": ruling.stage,
                "at": _time(ruling.created_at),
            }
            for ruling in one.rulings.all()
        ],
        "appeals": [_appeal(appeal) for appeal in one.appeals.all()],
    }


def _sentence(segment: Any) -> Part:
    claim = segment.claim
    return {
        "text": segment.text,
        "start": segment.start,
        "end": segment.end,
        "claim": claim.key if claim else None,
        "merged": segment.is_merged,
        "verdict": segment.verdict,
        "judged_at": _time(segment.judged_at),
        "compared_by_meaning": segment.vector is not None,
    }


def _appeal(one: Appeal) -> Part:
    return {
        "words": one.words,
        "outcome": one.outcome,
        "answer": one.answer,
        "at": _time(one.created_at),
        "decided_at": _time(one.decided_at),
    }


def _reactions(membership: Membership) -> list[Part]:
    rows = Reaction.objects.filter(participant=membership).order_by("pk")
    return [
        {
            "claim": one.claim.key,
            "sentence": one.claim.text,
            "value": one.value,
            "condition": one.condition,
            "importance": one.importance,
            "served": one.served,
            "is_latest": one.is_latest,
            "undone_at": _time(one.undone_at),
            "at": _time(one.given_at),
        }
        for one in rows.select_related("claim__statement")
    ]


def _shown(membership: Membership) -> list[Part]:
    rows = Serving.objects.filter(participant=membership).order_by("pk")
    return [
        {"claim": claim, "probability": probability, "at": _time(at)}
        for claim, probability, at in rows.values_list("claim__key", "probability", "served_at")
    ]


def _either_or(membership: Membership) -> list[Part]:
    questions = Question.objects.filter(participant=membership).order_by("pk")
    rows = Answer.objects.filter(question__in=questions).order_by("pk")
    answers: dict[int, list[Part]] = {}
    for one in rows:
        answers.setdefault(one.question_id, []).append(
            {"value": one.value, "is_latest": one.is_latest, "at": _time(one.given_at)}
        )
    return [
        {
            "first": one.first.text,
            "second": one.second.text,
            "asked_at": _time(one.asked_at),
            "answers": answers.get(one.pk, []),
        }
        for one in questions.select_related("first__statement", "second__statement")
    ]


def _judgements(membership: Membership) -> list[Part]:
    rows = membership.judgements.order_by("pk").select_related("answer")
    return [
        {
            "prompt": one.answer.prompt,
            "answer": one.answer.text,
            "by": one.answer.by,
            "value": one.value,
            "served": one.served,
            "is_latest": one.is_latest,
            "undone_at": _time(one.undone_at),
            "at": _time(one.given_at),
        }
        for one in rows
    ]


def _answers_shown(membership: Membership) -> list[Part]:
    rows = membership.showings.order_by("pk")
    return [
        {"answer": key, "seed": seed, "among": among, "at": _time(at)}
        for key, seed, among, at in rows.values_list("answer__key", "seed", "among", "shown_at")
    ]


def _flag(one: Flag) -> Part:
    return {
        "statement": one.statement.key,
        "rule": one.rule,
        "note": one.note,
        "at": _time(one.created_at),
    }


def _entries(entries: Iterable[Entry], contents: dict[str, list[Part]]) -> list[Part]:
    rows = list(entries)
    receipts = receipts_of(rows, contents)
    return [
        {
            "action": one.action,
            "subject": f"{one.subject_type} {one.subject_id}",
            "at": _time(one.at),
            "commitment": one.commitment,
            "row_key": bytes(one.row_key).hex() if one.row_key is not None else None,
            "receipt": receipts[one.pk],
        }
        for one in rows
    ]


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
