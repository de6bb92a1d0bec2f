"""What addresses are made of: one row of everything, and which routes name it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, TypeAlias

from django.utils import timezone

from civic.accounts.models import User
from civic.consultations.models import Consultation, Invitation, token_digest
from civic.consultations.receipt_links import make_link
from civic.consultations.services import join
from civic.curation.models import Decision, Question
from civic.intake.models import ImportJob
from civic.judging.models import MachineAnswer
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.specs.webhooks.models import Webhook
from civic.statements.models import Appeal, Claim, Preparation, Ruling

Rows: TypeAlias = dict[str, Any]
TOKEN = "a-token-of-an-invitation"

# Row -> the pages whose <uuid> is its; every other page names Bob's statement.
PAGES = {
    "claim": ("curation:separate_claim", "pages:claim", "pages:split", "pages:explore_sentence"),
    "other_claim": ("reactions:answer", "reactions:weigh", "reactions:undo", "pages:agree"),
    "other_statement": ("reactions:report",),
    "question": ("curation:answer",),
    "decision": ("pages:undo",),
    "machine_answer": ("judging:answer", "judging:undo", "judging:withdraw"),
    "job": ("intake:job", "intake:confirm"),
    "preparation": ("statements:preparation", "statements:prepare_again"),
    "ruling": ("statements:confirm", "statements:undo_ruling"),
    "appeal": ("statements:answer_appeal",),
    "owner": ("consultations:team_change",),
    "invitation": ("consultations:team_revoke",),
    "webhook": ("specs:webhook", "specs:webhook_act"),
    "run": (
        *("analysis:run", "analysis:progress", "analysis:cancel"),
        *("specs:again", "specs:draft"),
    ),
}
# Row -> the kind of resource that it is, and what follows its <uuid:id>.
PROGRAMS = {
    "statement": ("statements", "", "withdraw/", "verdict/", "appeal/", "moderate/"),
    "other_statement": ("statements", "report/"),
    "other_claim": ("claims", "", "reaction/", "reaction/undo/"),
    "decision": ("decisions", "undo/"),
    "question": ("questions", "answer/"),
    "machine_answer": ("answers", "judgement/", "judgement/undo/", "withdraw/"),
    "job": ("imports", "", "confirm/"),
    "run": ("runs", "", "cancel/", "what-if/"),
    "published": (
        *("specs", "", "clauses/", "document/", "exports/<str:name>/", "withdraw/"),
        "diff/<uuid:to>/",
    ),
    "draft": ("specs", "publish/"),
    "webhook": ("webhooks", "", "deliveries/", "test/", "remove/"),
}


def rows_in(
    consultation: Consultation, *, draft: SpecVersion, asked: list[Claim], bob: User, alice: User
) -> Rows:
    """One row of everything in a consultation that has a published version and a draft."""
    member = join(consultation, user=bob)
    claim, other, third = asked
    Reaction.objects.create(claim=other, participant=member, value="agree", served=True)
    return {
        "consultation": consultation,
        "link": make_link(member),
        "claim": claim,
        "statement": claim.statement,
        "other_claim": other,
        "other_statement": other.statement,
        "draft": draft,
        "run": draft.run,
        "published": consultation.specs.get(status="published"),
        "owner": consultation.memberships.get(is_owner=True).user,
        "question": Question.objects.create(
            first=other, second=third, participant=member, seed=7, swapped=False, probability=1.0
        ),
        "machine_answer": MachineAnswer.objects.create(
            consultation=consultation,
            claim=other,
            key="1",
            prompt="Plugh?",
            text="Xyzzy.",
            by="m",
            prompt_by="a",
            source="s",
        ),
        "decision": Decision.objects.create(
            consultation=consultation, kind="apart", reason="No.", first=claim, second=other
        ),
        "ruling": Ruling.objects.create(
            statement=claim.statement, decision="accepted", stage="undone", decided_by=alice
        ),
        "webhook": Webhook.objects.create(
            consultation=consultation, url="https://127.0.0.1/", secret="whsec_c2VjcmV0"
        ),
        "appeal": Appeal.objects.create(statement=claim.statement, words="Why?"),
        **_work_in(consultation),
    }


def _work_in(consultation: Consultation) -> Rows:
    """What organizers have under way: a file taken in, a preparation, an invitation."""
    return {
        "job": ImportJob.objects.create(consultation=consultation, kind="polis", status="checked"),
        "preparation": Preparation.objects.create(
            consultation=consultation,
            shard_size=1,
            counts={"statements": 1, "known": 0},
            status="done",
        ),
        "invitation": Invitation.objects.create(
            consultation=consultation,
            role="moderator",
            token_digest=token_digest(TOKEN),
            expires_at=timezone.now() + timedelta(days=1),
        ),
    }


def values_of(rows: Rows) -> dict[str, object]:
    """Values by parameter; by route and parameter where the route has one of its own."""
    published = rows["published"]
    return {
        "slug": rows["consultation"].slug,
        "number": published.number,
        "earlier": published.number,
        "to": published.uuid,
        "specs:publish number": rows["draft"].number,
        "specs:clause key": published.clauses.first().key,
        "uuid": rows["statement"].uuid,
        "id": uuid.uuid4(),
        "start": 0,
        "token": TOKEN,
        "pages:private_receipt token": rows["link"].token,
        "pages:private_file token": rows["link"].token,
        "page": "start",
        "step": "question",
        "name": "spec.json",
        "status": "adopted",
        **{f"{page} uuid": rows[row].uuid for row, pages in PAGES.items() for page in pages},
        **{
            f"api/v1/{kind}/<uuid:id>/{rest} id": rows[row].uuid
            for row, (kind, *rests) in PROGRAMS.items()
            for rest in rests
        },
    }
