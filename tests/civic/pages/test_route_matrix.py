"""Every address × every role × every method, read from the URL conf: who is not named is refused,
nothing fails, and a refusal tells nothing of the consultation."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from route_table import ROLES, TABLE, Line

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation, Invitation, token_digest
from civic.consultations.services import create_consultation, grant_role, join
from civic.curation.models import Decision, Question
from civic.intake.models import ImportJob
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.statements.models import Appeal, Claim, Preparation, Ruling

REFUSED = {401, 403, 404}
PENDING = 503  # a report that nobody has drawn yet
LED_AWAY = re.compile(r"/accounts/|/c/[^/]+/join/")  # to signing in, or to joining
SECRETS = ("Plugh", "Xyzzy", "kind to everybody", "sell my data", "gets a loan")
TOKEN = "a-token-of-an-invitation"
METHODS = ("get", "post", "put")


@dataclass(frozen=True)
class Route:
    """One pattern: the name of its line in the table, and what its address is made of."""

    name: str
    pattern: str

    def address(self, values: dict[str, object]) -> str:
        def fill(found: re.Match[str]) -> str:
            parameter = found[1]
            own = f"{self.name} {parameter}"
            return str(values[own] if own in values else values[parameter])

        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", fill, self.pattern)


def routes_of(
    patterns: list[URLPattern | URLResolver], *, before: str = "", space: str = ""
) -> Iterator[Route]:
    """All patterns of the URL conf; programs' doors are named by their pattern."""
    for one in patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes_of(one.url_patterns, before=here, space=one.namespace or space)
        elif here.startswith("api/"):
            plain = here if "(" not in here else "api/"
            yield Route(plain, plain)
        else:
            yield Route(f"{space}:{one.name}" if space else str(one.name), here)


ROUTES = list(routes_of(get_resolver().url_patterns))


def test_every_address_has_a_line_in_the_table() -> None:
    """An address that nobody wrote down is refused here; so is a line without an address."""
    assert {route.name for route in ROUTES} - set(TABLE) == set()
    assert set(TABLE) - {route.name for route in ROUTES} == set()


@pytest.fixture
def clients(
    consultation: Consultation, alice: User, bob: User, draft: SpecVersion
) -> dict[str, Client]:
    """A browser for every role; the consultation is by invitation and full of secrets."""
    Consultation.objects.filter(pk=consultation.pk).update(
        access="invite", title="Plugh title", question="Xyzzy question", use_of_result="Xyzzy use"
    )
    people: dict[str, User | None] = {"nobody": None, "citizen": bob, "owner": alice}
    people["elsewhere"] = ensure_user("elsewhere@example.org", is_host=True)
    create_consultation(title="Another", slug="another", by=people["elsewhere"])
    for role in ("moderator", "analyst", "auditor", "organizer"):
        people[role] = ensure_user(f"{role}@example.org", display_name=f"Plugh {role}")
        grant_role(consultation, user=people[role], role=role)
    people["invited"] = ensure_user("invited@example.org")
    grant_role(consultation, user=people["invited"], role="participant")
    found = {}
    for role in ROLES:
        found[role] = Client()
        if people[role] is not None:
            found[role].force_login(people[role])
    return found


@pytest.fixture
def values(
    consultation: Consultation, draft: SpecVersion, asked: list[Claim], bob: User, alice: User
) -> dict[str, object]:
    """What addresses are made of, by parameter and, where one row does not fit all, by route."""
    member = join(consultation, user=bob)
    statement = asked[0].statement
    Reaction.objects.create(claim=asked[1], participant=member, value="agree", served=True)
    pair = {"first": asked[0], "second": asked[1]}
    decision = Decision.objects.create(
        consultation=consultation, kind="apart", reason="No.", **pair
    )
    question = Question.objects.create(
        first=asked[1], second=asked[2], participant=member, seed=7, swapped=False, probability=1.0
    )
    job = ImportJob.objects.create(consultation=consultation, kind="polis", status="checked")
    preparation = Preparation.objects.create(
        consultation=consultation, shard_size=1, counts={"statements": 1, "known": 0}, status="done"
    )
    ruling = Ruling.objects.create(
        statement=statement, decision="accepted", stage="undone", decided_by=alice
    )
    appeal = Appeal.objects.create(statement=statement, words="Why?")
    invitation = Invitation.objects.create(
        consultation=consultation,
        role="moderator",
        token_digest=token_digest(TOKEN),
        expires_at=timezone.now() + timedelta(days=1),
    )
    published = consultation.specs.get(status="published")
    clause = published.clauses.first()
    theirs = asked[1]
    by_kind: dict[str, object] = {
        f"api/v1/{kind}/<uuid:id>/{rest} id": row.uuid
        for kind, row, rests in (
            ("statements", statement, ("", "withdraw/", "verdict/", "moderate/")),
            ("statements", theirs.statement, ("report/",)),
            ("claims", theirs, ("", "reaction/", "reaction/undo/")),
            ("decisions", decision, ("undo/",)),
            ("questions", question, ("answer/",)),
            ("imports", job, ("", "confirm/")),
            ("runs", draft.run, ("", "cancel/")),
            ("specs", published, ("", "clauses/", "document/", "exports/<str:name>/", "withdraw/")),
            ("specs", draft, ("publish/",)),
        )
        for rest in rests
    }
    rows: dict[str, Any] = {
        "curation:answer": question,
        "curation:separate_claim": asked[0],
        "reactions:answer": theirs,
        "reactions:weigh": theirs,
        "reactions:undo": theirs,
        "reactions:report": theirs.statement,
        "pages:agree": theirs,
        "intake:job": job,
        "intake:confirm": job,
        "statements:confirm": ruling,
        "statements:undo_ruling": ruling,
        "statements:answer_appeal": appeal,
        "statements:preparation": preparation,
        "statements:prepare_again": preparation,
        "consultations:team_revoke": invitation,
        "pages:claim": asked[0],
        "pages:split": asked[0],
        "pages:explore_sentence": asked[0],
        "pages:undo": decision,
        **dict.fromkeys(
            ("analysis:run", "analysis:progress", "analysis:cancel", "specs:again", "specs:draft"),
            draft.run,
        ),
    }
    of_team = consultation.memberships.filter(is_owner=True).get()
    return {
        "slug": consultation.slug,
        "number": published.number,
        "specs:publish number": draft.number,
        "uuid": statement.uuid,
        "start": 0,
        "token": TOKEN,
        "page": "start",
        "step": "question",
        "name": "spec.json",
        "status": "adopted",
        "consultations:team_change uuid": of_team.user.uuid,
        "specs:clause key": clause.key,
        "id": uuid.uuid4(),
        **{f"{name} uuid": row.uuid for name, row in rows.items()},
        **by_kind,
    }


def outcome(client: Client, method: str, address: str) -> tuple[int, str, str]:
    """Status, where it leads and what it says; whatever was written is taken back."""
    client.raise_request_exception = False
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        data: dict[str, Any] = {} if method == "get" else {"content_type": "application/json"}
        if method == "post" and not address.startswith("/api/"):
            data = {}
        answer = getattr(client, method)(address, **data)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = cookies  # Signing out is taken back, too.
    return answer.status_code, answer.get("Location", ""), body.decode(errors="replace")


def defect(route: Route, role: str, method: str, told: tuple[int, str, str]) -> str:
    """What is wrong with an answer; empty where it is as the table says."""
    status, leads, body = told
    lets_in = getattr(TABLE.get(route.name, Line()), method)
    if route.pattern.startswith("accounts/"):
        leads = ""  # These lead to each other, and that is what they are for.
    is_refused = status in REFUSED or (status == 302 and bool(LED_AWAY.match(leads)))
    if status >= 500 and status != PENDING:
        return f"{status}"
    if lets_in is None:
        return "" if status == 405 or is_refused else f"{status}, although there is no {method}"
    if role in lets_in:
        return f"{status} {leads}, although she is named" if is_refused or status == 405 else ""
    if not is_refused and status != 405:
        return f"{status} {leads}, although she is not named"
    leaked = [secret for secret in SECRETS if secret in body]
    return f"{status}, and tells {leaked}" if leaked else ""


# check 21
def test_roles_are_let_in_where_the_table_names_them_and_nowhere_else(
    clients: dict[str, Client], values: dict[str, object]
) -> None:
    """Refused is 401, 403, 404 or the way to signing in; never 500, never a word of the matter."""
    wrong = []
    for route in ROUTES:
        address = route.address(values)
        for method in METHODS if route.pattern.startswith("api/") else METHODS[:2]:
            for role, client in clients.items():
                told = outcome(client, method, address)
                fault = defect(route, role, method, told)
                if fault:
                    wrong.append(f"{method} {route.name} as {role}: {fault}")
    assert wrong == [], "\n".join(wrong)
