"""receipt.json: a person's part in one file, with what anybody needs to check it offline.

Every statement of hers, every sentence of it and where that is now; her answers; each act of hers
with its line of the public log, the proof that leads to a signed checkpoint, and the key that opens
it. `concordance-verify receipt` checks the file; the format stands in docs/public-log.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import rfc8785
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from civic.audit import keys, selectors
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.curation.models import Decision
from civic.curation.selectors import joined_with
from civic.pages.openings import contents_of, receipts_of
from civic.reactions.selectors import reactions_of
from civic.specs.models import Clause, SpecVersion
from civic.specs.sealing import receipt_of as publication_of
from civic.specs.selectors import Place, SentencePlace, StatementPlace, latest_public, places_of
from civic.statements.selectors import statements_of

Part = dict[str, Any]

FORMAT = "concordance-receipt/1"
SHOWN = "shown"  # a statement whose sentences each have a place of their own
# In English, as every name in the file. No place is without its sentence.
SAYS = {
    Place.PREPARING: "It is being read.",
    Place.WAITING: "It waits for a moderator to read it.",
    Place.HIDDEN: "A moderator hid it; the reason stands beside it.",
    Place.WITHDRAWN: "You withdrew it: nobody is shown it, and it counts in no later analysis.",
    Place.CONTEXT: "Context: kept and read, but it asks for nothing that could be voted on.",
    Place.TAKEN_BACK: "You said that this is not what you meant: it is shown to nobody.",
    Place.MERGED: "Joined with a sentence that says nearly the same, which people react to.",
    Place.SHOWN: "Shown to others, who react to it.",
    Place.QUOTED: "Quoted in the newest version of the spec, in the clause that stands beside it.",
    Place.NOT_ADOPTED: "Not adopted; the clause beside it says why.",
}
SAYS_SHOWN = "Shown; each of its sentences says where it is."


def receipt_of(membership: Membership) -> Part:
    """The whole file, signed, as JSON values; a fixed number of queries, whatever she wrote."""
    found = _gathered(membership)
    digest = hashlib.sha256(rfc8785.dumps(found)).hexdigest()
    return found | {"signature": keys.signed(f"receipt\nsha256:{digest}\n")}


@transaction.atomic
def _gathered(membership: Membership) -> Part:
    """Everything but the signature, of one moment: what she does meanwhile waits.

    What does not wait, such as withdrawing, must find its state here and not its act without it, so
    acts are read first.
    """
    membership.hold()
    acts, decisions = _acts(membership), _decisions(membership)
    consultation = membership.consultation
    places = places_of(consultation, list(statements_of(membership)))
    spec = latest_public(consultation)
    claims = {s.segment.claim_id for one in places for s in one.sentences} - {None}
    joined = joined_with(consultation, claims)
    statements = [_statement(one, joined=joined) for one in places]
    answers = [_answer(one) for one in reactions_of(membership)]
    return {
        "format": FORMAT,
        "made_on": timezone.now().date().isoformat(),
        "consultation": _consultation(consultation),
        "name": membership.pen_name,
        "is_imported": membership.user is None,  # she spoke elsewhere: no act of hers is in the log
        "counts": {
            "statements": len(statements),
            "sentences": sum(len(one["sentences"]) for one in statements),
            "answers": len(answers),
            "acts": len(acts),
        },
        "spec": _spec(spec) if spec else None,
        "statements": statements,
        "answers": answers,
        "acts": acts,
        "decisions": decisions,
        "keys": selectors.keys(),
    }


def _consultation(consultation: Consultation) -> Part:
    return {
        "id": str(consultation.uuid),
        "title": consultation.title,
        "question": consultation.question,
        "phase": consultation.phase,
        "address": _address("pages:consultation", consultation.slug),
    }


def _statement(one: StatementPlace, *, joined: dict[int, Decision]) -> Part:
    statement, place = one.statement, one.place
    return {
        "id": str(statement.uuid),
        "reference": statement.key,
        "text": statement.text,
        "language": statement.language,
        "is_imported": statement.is_imported,
        "where": place.value if place else SHOWN,
        "says": SAYS[place] if place else SAYS_SHOWN,
        "reason": statement.moderation_reason if place is Place.HIDDEN else "",
        "sentences": [_sentence(s, joined=joined) for s in one.sentences],
    }


def _sentence(one: SentencePlace, *, joined: dict[int, Decision]) -> Part:
    segment, claim = one.segment, one.segment.claim
    decision = joined.get(segment.claim_id or 0)
    in_sight = one.place in (Place.SHOWN, Place.MERGED, Place.QUOTED, Place.NOT_ADOPTED)
    return {
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "where": one.place.value,
        "says": SAYS[one.place],
        "claim": {"id": claim.key, "text": claim.text} if claim and in_sight else None,
        "joined": _joined(decision) if decision and in_sight else None,
        "clause": _clause(one.clause) if one.clause else None,
    }


def _joined(decision: Decision) -> Part:
    """What an organizer decided: whose words stand for this claim, and why."""
    first = decision.first
    return {"claim": first.key, "text": first.text, "reason": decision.reason}


def _clause(clause: Clause) -> Part:
    return {
        "id": clause.key,
        "text": clause.text,
        "status": clause.status,
        "reason": clause.reason,
    }


def _answer(one: Any) -> Part:
    return {
        "claim": one.claim.key,
        "text": one.claim.text,
        "value": one.value,
        "importance": one.importance,
        "condition": one.condition,
    }


def _spec(spec: SpecVersion) -> Part:
    """Which version the clauses are of, and what ties it to the log."""
    return {
        "id": str(spec.uuid),
        "number": spec.number,
        "sha256": spec.sha256,
        "address": _address("specs:version", spec.consultation.slug, spec.number),
        "signature": spec.signature or None,
        "publication": publication_of(spec),
    }


def acts_of(membership: Membership) -> list[Entry]:
    """What the log holds of what a person did in this consultation, in order."""
    if membership.user is None:
        return []
    actor, here = membership.user.audit_key, membership.consultation.uuid
    return list(Entry.objects.filter(actor=actor, consultation=here).order_by("pk"))


def _acts(membership: Membership) -> list[Part]:
    rows = acts_of(membership)
    return _lines(rows, receipts_of(rows, contents_of(membership)))


def _decisions(membership: Membership) -> list[Part]:
    """What others decided about her statements: lines that anybody may read.

    Their keys are not hers to give: they open what somebody else did.
    """
    actor = membership.audit_key
    mine = [str(uuid) for uuid in membership.statements.values_list("uuid", flat=True)]
    about = Entry.objects.filter(subject_type="statements.statement", subject_id__in=mine)
    named = about.filter(public_id=F("subject_id")).exclude(actor=actor)
    rows = list(named.order_by("pk"))
    found = receipts_of(rows, {})
    return _lines(rows, {pk: receipt | {"opening": None} for pk, receipt in found.items()})


def _lines(rows: Iterable[Entry], receipts: dict[int, Part]) -> list[Part]:
    return [
        {
            "action": one.action,
            "day": one.at.date().isoformat(),
            "commitment": one.commitment,
            "receipt": receipts[one.pk],
        }
        for one in rows
    ]


def _address(name: str, *args: object) -> str:
    return settings.SITE_URL + reverse(name, args=args)
