"""`python -m tests.journey.cast SLUG [--later]`: people with sessions and what pages are about.

Run beside a platform (CONCORDANCE_HOME), through the platform's own acts: a citizen who wrote,
answered and had a statement hidden, newcomers who saw nothing yet, the team, somebody else's
organizer, a guest; a second analysis with a draft of its spec. Prints JSON: cookies and things.
With --later that draft is published, a third one waits, and one analysis has failed.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

NEWCOMERS = 40
PATIENCE = 300  # seconds for the worker
WORDS = (
    "An AI should tell me where its numbers come from. I count money for a living.",
    "Everybody who disagrees with me is a fool.",
)
OUTSIDE = "a-street-of-its-own"


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gives once it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {PATIENCE} s: {what}")
        time.sleep(0.5)
    return found


def cookie_of(user: Any) -> dict[str, str]:
    """The cookie of a session in which this person is signed in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


def outside() -> Any:
    """A consultation of somebody else's, which takes people without an account."""
    from civic.accounts.services import make_host
    from civic.consultations.models import Consultation
    from civic.consultations.services import create_consultation, open_phase

    host = make_host("elsewhere@example.org", display_name="Organizer of something else")
    there = Consultation.objects.filter(slug=OUTSIDE).first()
    if there is not None:
        return there
    there = create_consultation(
        title="Benches in our street",
        slug=OUTSIDE,
        by=host,
        question="Where should the benches stand?",
        access="link",
    )
    open_phase(there, phase="collect", by=host)
    return there


def things_of_the_citizen(here: Any, citizen: Any, owner: Any) -> dict[str, object]:
    """Her statements, one shown and one hidden, an answer, and a question put to her."""
    from civic.consultations.receipt_links import make_link
    from civic.curation.asking import next_question
    from civic.reactions.services import cast_reaction
    from civic.statements.ruling import moderate_statement
    from civic.statements.services import submit_statement

    shown, hidden = (submit_statement(author=citizen, text=text) for text in WORDS)
    for claim in here.claims.shown().exclude(statement__author=citizen)[:6]:
        cast_reaction(claim, participant=citizen, value="agree")
    question = next_question(citizen)
    wait_for(lambda: shown.segments.count() and hidden.segments.count(), "statements are read")
    for statement in (shown, hidden):
        statement.refresh_from_db()
    moderate_statement(shown, by=owner, decision="accepted", reason="Within the rules.")
    moderate_statement(hidden, by=owner, decision="rejected", reason="It insults others.")
    return {
        "own_statement": shown.uuid,
        "own_sentence": shown.segments.exclude(claim=None).first().start,
        "hidden_statement": hidden.uuid,
        "receipt_token": make_link(citizen).token,
    } | ({"question": question.uuid} if question else {})


def webhook(here: Any, owner: Any) -> Any:
    """An address that no message reaches: names under .invalid lead nowhere (RFC 6761).

    Registering would find that out at once, so the row is written past it.
    """
    from civic.specs.webhooks.models import Webhook
    from civic.specs.webhooks.services import send_test
    from civic.specs.webhooks.signing import new_secret

    found = Webhook.objects.create(
        consultation=here,
        url="https://hooks.example.invalid/concordance",
        secret=new_secret(),
        created_by=owner,
    )
    send_test(found, by=owner)
    return found.uuid


def later(here: Any, owner: Any, *, draft: Any) -> dict[str, object]:
    """The next version is public, the one after it a draft; an analysis named no known model."""
    from django.db import transaction

    from civic.specs.services import draft_spec, publish_spec, start_run

    publish_spec(draft, by=owner, signed_as="The mayor", announcement="Thank you all.")
    with transaction.atomic():  # The worker sees it only with the model that is not there.
        failed = start_run(here, by=owner)
        failed.aggregation_settings |= {"embedder": "gone"}
        failed.save(update_fields=["aggregation_settings"])
    wait_for_run(failed)
    third = start_run(here, by=owner)
    wait_for_run(third)
    made = {"later_spec": draft.number, "draft": draft_spec(third, by=owner).number}
    return made | {"failed_run": failed.uuid}


def wait_for_run(run: Any) -> None:
    def is_over() -> bool:
        run.refresh_from_db()
        return bool(run.is_over)

    wait_for(is_over, "an analysis")


def people(here: Any, there: Any) -> dict[str, dict[str, str]]:
    """Cookies by name: the sample's own people, and others."""
    import uuid

    from civic.accounts.services import create_guest, ensure_user
    from civic.consultations.services import join
    from civic.pages.demo import LOGINS

    users = {login.role: ensure_user(login.email) for login in LOGINS}
    users["elsewhere"] = there.created_by
    users["guest"] = create_guest(uuid.uuid4())
    join(there, user=users["guest"])
    for number in range(NEWCOMERS):
        user = ensure_user(f"new{number}-{secrets.token_hex(4)}@example.org")
        join(here, user=user)
        users[f"new{number}"] = user
    return {name: cookie_of(user) for name, user in users.items()}


def main(slug: str, *options: str) -> None:
    import django

    django.setup()
    from civic.consultations.models import Consultation
    from civic.specs.services import draft_spec, start_run

    here = Consultation.objects.get(slug=slug)
    owner = here.created_by
    cookies = people(here, outside())
    citizen = here.memberships.get(user__email="citizen@example.org")
    run = start_run(here, by=owner)
    things = things_of_the_citizen(here, citizen, owner)
    wait_for_run(run)
    draft = draft_spec(run, by=owner)
    things["draft"] = draft.number
    things["webhook"] = webhook(here, owner)
    things["preparation"] = here.preparations.first().uuid
    if "--later" in options:
        things |= later(here, owner, draft=draft)
    print(json.dumps({"cookies": cookies, "things": things}, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
